import { toArray } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Log, LogEntry } from "./log.ts"
import type { LogCursor } from "./log-backend.ts"
import { createMemoryLog, MemoryBackend } from "./memory-log.ts"
import { type Offset, START, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"
import { project } from "./project.ts"
import { createMemorySnapshotStore, replayFrom, restoreSnapshot } from "./snapshot.ts"

async function append(log: Log, records: readonly Uint8Array[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const record of records) void writer.write(record)
  await writer.close()
}

/** Depends on every byte and on the order. */
const fold = (state: string, { offset, data }: LogEntry): string =>
  `${state.slice(-200)}|${offset}:${data.join(",")}`

test("a state from any snapshot equals that of a full replay", async () => {
  const records = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 12 })
  let snapshots = 0
  await fc.assert(
    fc.asyncProperty(fc.array(records, { maxLength: 5 }), async (rounds) => {
      const log = createMemoryLog()
      const store = createMemorySnapshotStore<string>()
      for (const round of rounds) {
        await append(log, round)
        const full = await restoreSnapshot(log, { reducer: fold, initial: "" })
        const restored = await restoreSnapshot(log, { reducer: fold, initial: "", store })
        expect(restored).toEqual(full)
        expect(restored).toEqual({ log: log.id, offset: await log.tail(), state: full.state })
      }
      const states = await toArray(
        log.replay().pipeThrough(project(fold, { offset: START, state: "" })),
      )
      for (const [index, snapshot] of states.entries()) {
        snapshots++
        const rest = replayFrom(log, snapshot).pipeThrough(project(fold, snapshot))
        expect(await toArray(rest)).toEqual(states.slice(index + 1))
      }
    }),
    { numRuns: 60 },
  )
  expect(snapshots).toBeGreaterThan(100)
})

test("a snapshot of another log, which has taken the place of the first, is not used", async () => {
  const store = createMemorySnapshotStore<number>()
  const count = (state: number): number => state + 1
  const first = createMemoryLog()
  await append(first, [new Uint8Array(1), new Uint8Array(1)])
  await restoreSnapshot(first, { reducer: count, initial: 0, store })
  const second = createMemoryLog()
  await append(second, [new Uint8Array(1)])
  const restored = await restoreSnapshot(second, { reducer: count, initial: 0, store })
  expect(restored).toEqual({ log: second.id, offset: 1, state: 1 })
  expect(await store.load()).toEqual(restored)
})

test("a projection refuses to leave a record out", async () => {
  const log = createMemoryLog()
  await append(log, [new Uint8Array(1), new Uint8Array(1)])
  const late = log.replay({ from: toOffset(1) })
  const states = late.pipeThrough(project(fold, { offset: START, state: "" }))
  await expect(toArray(states)).rejects.toThrow(RangeError)
})

test("restoring ends with the reason of its signal, and saves nothing then", async () => {
  const log = createMemoryLog()
  await append(log, [new Uint8Array(1)])
  const store = createMemorySnapshotStore<string>()
  const signal = AbortSignal.abort(new Error("enough"))
  const restoring = restoreSnapshot(log, { reducer: fold, initial: "", store, signal })
  await expect(restoring).rejects.toThrow("enough")
  expect(await store.load()).toBeUndefined()
})

test("restoring lets go of its replay when the reducer throws", async () => {
  let open = 0
  class Counted extends MemoryBackend {
    override read(from: Offset, lend: boolean): LogCursor {
      const cursor = super.read(from, lend)
      open++
      return { next: () => cursor.next(), close: async () => void open-- }
    }
  }
  const log = openLog(new Counted())
  for (let round = 0; round < 3; round++) await append(log, [new Uint8Array(1)])
  const thrown = new Error("no such state")
  const restoring = restoreSnapshot(log, {
    initial: 0,
    reducer: () => {
      throw thrown
    },
  })
  await expect(restoring).rejects.toBe(thrown)
  expect(open).toBe(0)
})
