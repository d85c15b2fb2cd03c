import { expect, test } from "vitest"
import { logConformance } from "./conformance/log-conformance.ts"
import type { LogSupports } from "./log.ts"
import type { BatchException, Commit, CommitResult, CommitRun } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { MemoryBackend } from "./memory-log.ts"
import { type Offset, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"
import { ProducerTable } from "./producer-table.ts"
import { sliceBatch, toRecordBatch } from "./record-batch.ts"

/** A backend that judges producers when it stores, as one with many writers has to. */
class JudgingBackend extends MemoryBackend {
  override readonly supports: LogSupports = { ...new MemoryBackend().supports, fork: false }
  override readonly producers = undefined
  readonly table = new ProducerTable()

  override async commit(commit: Commit): Promise<CommitResult> {
    const tail = await this.tail()
    const runs: CommitRun[] = []
    const parts: Uint8Array[] = []
    const exceptions: BatchException[] = []
    let [next, batch]: [number, number] = [tail, 0]
    for (const { run, bytes } of singleBatches(commit)) {
      const outcome = this.#judge(run, toOffset(next))
      if (outcome === undefined) {
        runs.push(run)
        parts.push(bytes)
        next += run.count
      } else {
        exceptions.push({ batch, outcome })
      }
      batch++
    }
    const bytes = new Uint8Array(parts.flatMap((part) => [...part]))
    if (runs.length === 0) return { offset: tail, exceptions }
    const stored = { ...commit, runs, bytes, count: next - tail }
    return { ...(await super.commit(stored)), exceptions }
  }

  #judge({ producer, count }: CommitRun, at: Offset): BatchException["outcome"] | undefined {
    if (producer === undefined) return undefined
    try {
      const verdict = this.table.judge(producer)
      if (verdict.type === "repeat") return verdict.batch
    } catch (error) {
      if (error instanceof LogError) return error
      throw error
    }
    this.table.settle(producer, at, count)
    return undefined
  }
}

function* singleBatches(commit: Commit): Iterable<{ run: CommitRun; bytes: Uint8Array }> {
  let at = 0
  for (const { framing, batches, count, byteLength, producer } of commit.runs) {
    const bytes = commit.bytes.subarray(at, at + byteLength)
    const whole = toRecordBatch({ offset: toOffset(0), count: count * batches, framing, bytes })
    for (let batch = 0; batch < batches; batch++) {
      const part = sliceBatch(whole, batch * count, (batch + 1) * count)
      if (part === undefined) throw new Error("a run that is shorter than it says")
      const of = producer && { ...producer, sequence: producer.sequence + batch }
      const size = part.bytes.length
      yield {
        run: { framing, batches: 1, count, byteLength: size, producer: of },
        bytes: part.bytes,
      }
    }
    at += byteLength
  }
}

const { supports } = new JudgingBackend()
const cases = logConformance({
  supports,
  create: async () => ({ log: openLog(new JudgingBackend()) }),
})
for (const { name, run, skip } of cases) {
  test.skipIf(skip !== undefined)(`backend that judges producers: ${name}`, run)
}

test("a refused batch fails its pipe alone: what others had in the same commit is stored", async () => {
  const log = openLog(new JudgingBackend())
  const pipes = [
    log.append({ producer: { id: "a", epoch: 0 } }),
    log.append({ producer: { id: "b", epoch: 0, sequence: 7 } }),
    log.append(),
    log.append({ producer: { id: "a", epoch: 0 } }),
  ]
  const results = pipes.map(async ({ readable, writable }, index) => {
    const writer = writable.getWriter()
    writer.closed.catch(() => {})
    for (const part of ["x", "y"]) {
      writer.write(new TextEncoder().encode(`${index}${part}`)).catch(() => {})
    }
    writer.close().catch(() => {})
    const seen: unknown[] = []
    try {
      for await (const { offset, repeated = false } of readable) seen.push([offset, repeated])
    } catch (error) {
      seen.push(error instanceof LogError ? error.code : error)
    }
    return seen
  })
  expect(await Promise.all(results)).toEqual([
    [
      [0, false],
      [2, false],
    ],
    ["SEQUENCE_GAP"],
    [
      [1, false],
      [3, false],
    ],
    [
      [0, true],
      [2, true],
    ],
  ])
  const texts: string[] = []
  for await (const { data } of log.replay()) texts.push(new TextDecoder().decode(data))
  expect(texts).toEqual(["0x", "2x", "0y", "2y"])
})
