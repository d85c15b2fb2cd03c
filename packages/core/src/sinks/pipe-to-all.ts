import { checkCount } from "../check-count.ts"
import type { BroadcastOptions } from "./broadcast.ts"
import { Broadcaster } from "./broadcaster.ts"

/** Options of {@link pipeToAll}. */
export interface PipeToAllOptions<T> extends BroadcastOptions<T> {
  /** Aborting it cancels the readable and aborts every writable, with the signal's reason. */
  readonly signal?: AbortSignal
  /** Leaves the writables open when the readable closes. */
  readonly preventClose?: boolean
  /** Leaves the writables as they are when the readable fails or `signal` is aborted. */
  readonly preventAbort?: boolean
}

/**
 * Pipes one readable to several writables, within bounds; see `broadcast` for the policies.
 *
 * A writable that fails does the others no harm: they get everything. The readable is cancelled only
 * when all have failed. Settles when all pipes have. Rejects with the readable's error when that
 * fails, with the signal's reason when that is aborted, and else with an `AggregateError` of the
 * errors of those writables that failed.
 *
 * @throws {TypeError} when the readable or a writable is locked, or there is no writable.
 *
 * @example Two sinks
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, pipeToAll } from "@bellmouth/core"
 *
 * let sum = 0
 * let count = 0
 * await pipeToAll(from([1, 2, 3]), [
 *   new WritableStream({ write: (n) => void (sum += n) }),
 *   new WritableStream({ write: () => void count++ }),
 * ])
 * assert.deepEqual([sum, count], [6, 3])
 * ```
 */
export async function pipeToAll<T>(
  readable: ReadableStream<T>,
  writables: readonly WritableStream<T>[],
  options: PipeToAllOptions<T> = {},
): Promise<void> {
  const { highWaterMark = 16, policy = "block", onDrop = () => {}, signal, ...pipe } = options
  checkCount("let a branch lag by", highWaterMark)
  if (writables.length === 0) throw new TypeError("Cannot pipe to all: there is no writable")
  const locked = writables.findIndex((writable) => writable.locked)
  if (locked >= 0) throw new TypeError(`Cannot pipe to writable ${locked}: it is locked`)
  const hub = new Broadcaster(readable, writables.length, { highWaterMark, policy, onDrop })
  // Not the pipes' own signal: some runtimes heed it only when the next chunk comes.
  const onAbort = (): void => hub.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  signal?.addEventListener("abort", onAbort, { once: true })
  const pipes = hub.readables.flatMap((branch, index) => {
    const writable = writables[index]
    return writable === undefined ? [] : [branch.pipeTo(writable, pipe)]
  })
  const results = await Promise.allSettled(pipes)
  signal?.removeEventListener("abort", onAbort)
  if (hub.failure !== undefined) throw hub.failure.reason
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
  if (errors.length === 0) return
  signal?.throwIfAborted()
  const message = `Cannot pipe to all: ${errors.length} of ${writables.length} writables failed`
  throw new AggregateError(errors, message)
}
