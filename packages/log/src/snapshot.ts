import type { Log, LogEntry, ReplayOptions } from "./log.ts"
import { START, toOffset } from "./offset.ts"
import type { Reducer, Snapshot } from "./project.ts"

/** A snapshot, and the log that it is of. */
export interface StoredSnapshot<S> extends Snapshot<S> {
  readonly log: string
}

/** Where the latest snapshot is kept; what is kept there belongs to one reducer. */
export interface SnapshotStore<S> {
  load(): Promise<StoredSnapshot<S> | undefined>
  save(snapshot: StoredSnapshot<S>): Promise<void>
}

/** What `restoreSnapshot` takes. */
export interface RestoreOptions<S> {
  readonly reducer: Reducer<S>
  /** The state before the first record. */
  readonly initial: S
  /** Where to begin, and where to leave the result. Default: begin with the first record. */
  readonly store?: SnapshotStore<S>
  readonly signal?: AbortSignal
}

/**
 * Replays a log from a snapshot on: the records that its state does not hold.
 *
 * @example Only what is new
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { createMemoryLog, replayFrom, toOffset } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const writer = log.writable().getWriter()
 * writer.write([new Uint8Array([1]), new Uint8Array([2])])
 * await writer.close()
 * const [entry] = await toArray(replayFrom(log, { offset: toOffset(1), state: "one seen" }))
 * assert.equal(entry?.offset, 1)
 * ```
 */
export function replayFrom(
  log: Log,
  snapshot: Snapshot<unknown>,
  options: Omit<ReplayOptions, "from"> = {},
): ReadableStream<LogEntry> {
  return log.replay({ ...options, from: snapshot.offset })
}

/**
 * Brings a state up to the log's tail: from the latest snapshot, or from the first record when there
 * is none, or it is of another log. The result is saved, and equal to that of a full replay.
 *
 * The entries that the reducer is given are lent: it copies what it keeps of their bytes.
 *
 * @throws {LogError} what a replay ends with; `OFFSET_TRIMMED` when the records that the snapshot
 *   does not hold were trimmed.
 *
 * @example A count that is not counted anew
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog, createMemorySnapshotStore, restoreSnapshot } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const store = createMemorySnapshotStore<number>()
 * let steps = 0
 * const reducer = (count: number) => {
 *   steps++
 *   return count + 1
 * }
 * for (let round = 1; round <= 3; round++) {
 *   const writer = log.writable().getWriter()
 *   writer.write(new Uint8Array(9))
 *   await writer.close()
 *   const { state } = await restoreSnapshot(log, { reducer, initial: 0, store })
 *   assert.equal(state, round)
 * }
 * assert.equal(steps, 3)
 * ```
 */
export async function restoreSnapshot<S>(
  log: Log,
  options: RestoreOptions<S>,
): Promise<StoredSnapshot<S>> {
  const { reducer, initial, store, signal } = options
  const stored = await store?.load()
  const from = stored?.log === log.id ? stored : { offset: START, state: initial }
  let { state } = from
  let offset: number = from.offset
  const replay = { from: from.offset, lend: true, ...(signal === undefined ? {} : { signal }) }
  const reader = log.replayBatches(replay).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      for (const entry of value) state = reducer(state, entry)
      offset = value.offset + value.count
    }
  } catch (reason) {
    // What the reducer has thrown is told, and not what may fail on the way out.
    await reader.cancel(reason).catch(() => {})
    throw reason
  }
  const snapshot = { log: log.id, offset: toOffset(offset), state }
  if (offset > from.offset) await store?.save(snapshot)
  return snapshot
}

/**
 * Keeps a snapshot as long as the process lives. It keeps the state itself, and no copy.
 *
 * @example What was saved last
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemorySnapshotStore, toOffset } from "@bellmouth/log"
 *
 * const store = createMemorySnapshotStore<number>()
 * assert.equal(await store.load(), undefined)
 * await store.save({ log: "an id", offset: toOffset(3), state: 6 })
 * assert.equal((await store.load())?.state, 6)
 * ```
 */
export function createMemorySnapshotStore<S>(): SnapshotStore<S> {
  let latest: StoredSnapshot<S> | undefined
  return {
    load: async () => latest,
    async save(snapshot) {
      latest = snapshot
    },
  }
}
