import { laws } from "@bellmouth/core/testing"
import { expect, test } from "vitest"
import type { Ack, AppendInput } from "./log.ts"
import type { Commit, CommitResult } from "./log-backend.ts"
import { createMemoryLog, MemoryBackend } from "./memory-log.ts"
import { openLog } from "./open-log.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A memory log whose commits wait until they are let go. */
class HeldBackend extends MemoryBackend {
  readonly commits: Commit[] = []
  #gates: PromiseWithResolvers<void>[] = []

  override async commit(commit: Commit): Promise<CommitResult> {
    this.commits.push({ ...commit, bytes: commit.bytes.slice() })
    const gate = Promise.withResolvers<void>()
    this.#gates.push(gate)
    await gate.promise
    return super.commit(commit)
  }

  /** Lets the commit under way go, or fail. */
  release(failure?: Error): void {
    const gate = this.#gates.shift()
    if (failure === undefined) gate?.resolve()
    else gate?.reject(failure)
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await Promise.resolve()
}

function held() {
  const backend = new HeldBackend()
  return { backend, log: openLog(backend) }
}

const subject = {
  create: () => createMemoryLog().append({ maxUnreadAcks: 2 }),
  inputs: [..."abcdefghijkl"].map(bytes) as AppendInput[],
  outputs: (inputs: readonly AppendInput[]) =>
    inputs.map((_, offset): unknown => ({ offset, count: 1, level: "memory" })) as Ack[],
  failing: {
    input: "text" as unknown as AppendInput,
    outputs: [],
    isExpected: (reason: unknown) => reason instanceof TypeError,
  },
  // Two acknowledgements may be under way or unread; one chunk waits in the writable, one in the pipe.
  limits: { readAhead: 3, queuedOutputs: 2 },
}
const skipped: string[] = []
for (const law of laws) {
  test(`append() upholds the law ${law.name}`, async () => {
    const result = await law.check(subject)
    if (result.state === "skipped") skipped.push(result.law)
  })
}
test("of the laws of streams, four do not apply to append()", () => {
  expect(skipped.toSorted()).toEqual(["chunking", "retention", "stage-cancel", "terminate"])
})

test("what arrives while a commit is under way forms the next, from all pipes", async () => {
  const { backend, log } = held()
  const writers = Array.from({ length: 5 }, () => log.writable().getWriter())
  for (const [n, writer] of writers.entries()) await writer.write(bytes(`first ${n}`))
  await turns()
  expect(backend.commits.map((commit) => commit.count)).toEqual([5])
  for (const [n, writer] of writers.entries()) await writer.write(bytes(`second ${n}`))
  await writers[0]?.write([bytes("x"), bytes("y")])
  await turns()
  expect(backend.commits.length).toBe(1)
  backend.release()
  await turns()
  expect(backend.commits.map((commit) => commit.count)).toEqual([5, 7])
  expect(backend.commits[1]?.runs).toEqual([
    { framing: "lines", batches: 5, count: 1, byteLength: 45 },
    { framing: "lines", batches: 1, count: 2, byteLength: 4 },
  ])
  backend.release()
  await log.close()
})

test("write() resolves while its chunk is not stored, and maxPendingBytes makes it wait exactly", async () => {
  for (const [maxPendingBytes, wanted] of [
    [9, 3],
    [10, 4],
    [11, 4],
  ] as const) {
    const { backend, log } = held()
    const writer = log.writable({ maxPendingBytes }).getWriter()
    let accepted = 0
    // Each takes three bytes, its line feed included: the fourth write finds 9 of them pending.
    for (let n = 0; n < 6; n++) void writer.write(bytes("ab")).then(() => accepted++)
    await turns()
    expect(accepted, `with ${maxPendingBytes}`).toBe(wanted - 1)
    for (let n = 0; n < 6; n++) {
      backend.release()
      await turns()
    }
    expect(accepted).toBe(6)
    await log.close()
  }
})

test("a failed commit fails its chunks, poisons the log, and leaves it readable", async () => {
  const { backend, log } = held()
  const first = log.writable().getWriter()
  await first.write(bytes("kept"))
  await turns()
  backend.release()
  await first.close()
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  await writer.write(bytes("lost"))
  await turns()
  const other = log.append()
  const otherWriter = other.writable.getWriter()
  await otherWriter.write(bytes("waits for the next commit"))
  const cause = new Error("no space left")
  backend.release(cause)
  const failure = await readable
    .getReader()
    .read()
    .catch((reason: unknown) => reason)
  expect(failure).toMatchObject({ code: "WRITE_FAILED", cause })
  await expect(writer.closed).rejects.toBe(failure)
  const poisoned = await other.readable
    .getReader()
    .read()
    .catch((reason: unknown) => reason)
  expect(poisoned).toMatchObject({ code: "POISONED", cause: failure })
  await expect(otherWriter.closed).rejects.toBe(poisoned)
  const late = log.writable().getWriter()
  await expect(late.write(bytes("late"))).rejects.toMatchObject({ code: "POISONED" })
  await expect(late.closed).rejects.toMatchObject({ code: "POISONED" })
  expect(backend.commits.length).toBe(2)
  const [entry] = await Array.fromAsync(log.replay())
  expect(new TextDecoder().decode(entry?.data)).toBe("kept")
  await log.close()
})

test("abort() ends the acknowledgements at once, while a commit is under way", async () => {
  const { backend, log } = held()
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  await writer.write(bytes("under way"))
  await turns()
  const reason = new Error("given up")
  const aborted = writer.abort(reason)
  await expect(readable.getReader().read()).rejects.toBe(reason)
  await aborted
  backend.release()
  await log.close()
  expect(await backend.tail()).toBe(1)
})

test("close() of the log stores and acknowledges what was accepted, and then ends the pipes", async () => {
  const { backend, log } = held()
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  await writer.write(bytes("accepted"))
  const closed = log.close()
  await expect(writer.write(bytes("late"))).rejects.toMatchObject({ code: "CLOSED" })
  await expect(writer.closed).rejects.toMatchObject({ code: "CLOSED" })
  await turns()
  backend.release()
  const reader = readable.getReader()
  expect((await reader.read()).value).toMatchObject({ offset: 0, count: 1 })
  await expect(reader.read()).rejects.toMatchObject({ code: "CLOSED" })
  await closed
})

test("limits that are none are a RangeError", () => {
  const log = createMemoryLog()
  for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => log.append({ maxPendingBytes: limit })).toThrow(RangeError)
    expect(() => log.writable({ maxUnreadAcks: limit })).toThrow(RangeError)
  }
})

test("a commit is bounded also by what it has to say of its producers", async () => {
  const { backend, log } = held()
  const ids = Array.from({ length: 10 }, (_, n) => `${n}`.padStart(1_024, "x"))
  const writers = ids.map((id) => log.writable({ producer: { id, epoch: 0 } }).getWriter())
  const [chunks, empty] = [300, new Uint8Array(0)]
  for (let n = 0; n < chunks; n++) {
    await Promise.all(writers.map((writer) => writer.write(empty)))
  }
  const closed = Promise.all(writers.map((writer) => writer.close()))
  for (let seen = -1; seen < backend.commits.length; ) {
    seen = backend.commits.length
    backend.release()
    await turns()
  }
  await closed
  const told = backend.commits.map(({ runs }) =>
    runs.reduce((sum, { producer }) => sum + (producer?.id.length ?? 0), 0),
  )
  expect(Math.max(...told)).toBeLessThan(1_048_576)
  expect(Math.max(...told)).toBeGreaterThan(900_000)
  expect(await log.tail()).toBe(chunks * ids.length)
  await log.close()
})
