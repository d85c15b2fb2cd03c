import { toArray } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { AppendInput, Log, RecordBatch } from "./log.ts"
import type { LogCursor } from "./log-backend.ts"
import { createMemoryLog, MemoryBackend } from "./memory-log.ts"
import { type Offset, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"

/** Counts what its cursors do. */
class CountedBackend extends MemoryBackend {
  reads = 0
  open = 0

  override read(from: Offset): LogCursor {
    const cursor = super.read(from)
    this.open++
    return {
      next: () => {
        this.reads++
        return cursor.next()
      },
      close: async () => {
        this.open--
        await cursor.close()
      },
    }
  }
}

async function append(log: Log, chunks: readonly AppendInput[]): Promise<void> {
  for (const chunk of chunks) {
    const writer = log.writable().getWriter()
    void writer.write(chunk)
    await writer.close()
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
}

const record = (n: number): Uint8Array => new TextEncoder().encode(`record ${n}`)
const records = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => record(n))

test("nothing is read before it is asked for, and one batch for each ask", async () => {
  const backend = new CountedBackend()
  const log = openLog(backend)
  await append(log, records(50))
  const reader = log.replayBatches({ follow: true }).getReader()
  await turns()
  expect([backend.reads, backend.open]).toEqual([0, 0])
  for (let n = 1; n <= 5; n++) {
    await reader.read()
    await turns()
    expect(backend.reads).toBe(n)
  }
  // A stalled reader holds up nothing: not the writer, not another reader.
  await append(log, records(10))
  expect((await toArray(log.replay())).length).toBe(60)
  expect(backend.open).toBe(1)
  await reader.cancel()
  expect(backend.open).toBe(0)
})

test("every end of a replay lets its cursor go", async () => {
  const backend = new CountedBackend()
  const log = openLog(backend)
  await append(log, records(3))
  await toArray(log.replay())
  const early = log.replay({ follow: true })
  for await (const _ of early) break
  const waiting = log.replay({ from: "tail", follow: true }).getReader()
  const read = waiting.read()
  await turns()
  expect(backend.open).toBe(1)
  await waiting.cancel()
  expect((await read).done).toBe(true)
  const controller = new AbortController()
  const aborted = log.replay({ from: "tail", follow: true, signal: controller.signal }).getReader()
  const rejected = aborted.read().catch((reason: unknown) => reason)
  await turns()
  const reason = new Error("enough")
  controller.abort(reason)
  expect(await rejected).toBe(reason)
  await turns()
  expect(backend.open).toBe(0)
})

test("a cursor that fails errors the replay with READ_FAILED and the cause", async () => {
  const cause = new Error("unplugged")
  class Failing extends MemoryBackend {
    override read(): LogCursor {
      return { next: () => Promise.reject(cause), close: async () => {} }
    }
  }
  const log = openLog(new Failing())
  await append(log, [record(0)])
  await expect(toArray(log.replay())).rejects.toMatchObject({ code: "READ_FAILED", cause })
})

test("a cursor that fails to close fails what cancels with READ_FAILED and the cause", async () => {
  const cause = new Error("no such device")
  const broken = new (class extends MemoryBackend {
    override read(from: Offset): LogCursor {
      const cursor = super.read(from)
      return { next: () => cursor.next(), close: () => Promise.reject(cause) }
    }
  })()
  const log = openLog(broken)
  await append(log, records(2))
  for (const replay of [log.replay(), log.replayBatches()]) {
    const reader = replay.getReader()
    await reader.read()
    await expect(reader.cancel()).rejects.toMatchObject({ code: "READ_FAILED", cause })
  }
})

test("a cursor that gives a batch twice is put right, and one that leaves one out is CORRUPT", async () => {
  class Careless extends MemoryBackend {
    skip = false
    override read(from: Offset): LogCursor {
      const cursor = super.read(from)
      const again: RecordBatch[] = []
      let twice = 2
      return {
        close: () => cursor.close(),
        next: async () => {
          const batch = again.pop() ?? (await cursor.next())
          if (batch?.offset === 3 && this.skip) return cursor.next()
          if (batch?.offset === 2 && twice-- > 0) again.push(batch)
          return batch
        },
      }
    }
  }
  const backend = new Careless()
  const log = openLog(backend)
  await append(log, records(6))
  expect((await toArray(log.replay())).map(({ offset }): number => offset)).toEqual([
    0, 1, 2, 3, 4, 5,
  ])
  backend.skip = true
  const seen: number[] = []
  const reader = log.replay().getReader()
  const failure = await (async () => {
    for (;;) seen.push((await reader.read()).value?.offset ?? -1)
  })().catch((reason: unknown) => reason)
  expect(failure).toMatchObject({ code: "CORRUPT", offset: 3 })
  expect(seen).toEqual([0, 1, 2])
})

test("a follower that looks away while the tail moves does not sleep over it", async () => {
  // The wake comes between the look at the tail and the wait for it.
  let appendNow: (() => Promise<void>) | undefined
  class Racing extends MemoryBackend {
    override read(from: Offset): LogCursor {
      const cursor = super.read(from)
      return {
        close: () => cursor.close(),
        next: async (): Promise<RecordBatch | undefined> => {
          const found = await cursor.next()
          const act = appendNow
          appendNow = undefined
          await act?.()
          return found
        },
      }
    }
  }
  const log = openLog(new Racing())
  appendNow = () => append(log, [record(0)])
  const reader = log.replay({ follow: true }).getReader()
  expect((await reader.read()).value?.offset).toBe(0)
  await reader.cancel()
})

test("replay gives what an array would, for any chunks, commits and options", async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 4 }),
    fc.constant(new Uint8Array([10])),
  )
  let seen = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(chunk, { minLength: 1, maxLength: 5 }), { maxLength: 6 }),
      fc.nat(30),
      fc.option(fc.nat(30), { nil: undefined }),
      fc.option(fc.nat(30), { nil: undefined }),
      async (commits, first, until, limit) => {
        const log = createMemoryLog()
        for (const chunks of commits) {
          const writer = log.writable().getWriter()
          for (const one of chunks) void writer.write(one)
          await writer.close()
        }
        const all = commits.flat().flatMap((one) => (Array.isArray(one) ? one : [one]))
        const from = Math.min(first, all.length)
        const end = Math.min(until ?? all.length, from + (limit ?? all.length))
        const wanted = all.slice(from, Math.max(from, end)).map((data) => [...data])
        const options = {
          from: toOffset(from),
          ...(until === undefined ? {} : { until: toOffset(until) }),
          ...(limit === undefined ? {} : { limit }),
        }
        const entries = await toArray(log.replay(options))
        expect(entries.map(({ data }) => [...data])).toEqual(wanted)
        expect(entries.map(({ offset }): number => offset)).toEqual(wanted.map((_, n) => from + n))
        seen += wanted.length
      },
    ),
    { numRuns: 300 },
  )
  expect(seen).toBeGreaterThan(300)
})

test("a storage that ends before the tail that it told is damaged, and no end", async () => {
  class ShortBackend extends MemoryBackend {
    override read(from: Offset): LogCursor {
      const cursor = super.read(from)
      let batches = 0
      return {
        next: async () => (++batches > 2 ? undefined : cursor.next()),
        close: () => cursor.close(),
      }
    }
  }
  const log = openLog(new ShortBackend())
  await append(log, records(5))
  const seen: Offset[] = []
  const replay = async (): Promise<void> => {
    for await (const { offset } of log.replay()) seen.push(offset)
  }
  await expect(replay()).rejects.toMatchObject({ code: "CORRUPT", offset: 2 })
  expect(seen).toEqual([0, 1])
  expect((await toArray(log.replay({ until: toOffset(2) }))).length).toBe(2)
})
