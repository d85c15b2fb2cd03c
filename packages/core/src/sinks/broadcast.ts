import { checkCount } from "../check-count.ts"
import { Broadcaster } from "./broadcaster.ts"

/** Options of {@link broadcast}. */
export interface BroadcastOptions<T> {
  /**
   * How many chunks a branch may be behind the fastest one; each branch keeps at most these.
   * Default 16. At 0, under `"block"`, all branches go in step.
   */
  readonly highWaterMark?: number
  /**
   * What happens when a branch is behind by `highWaterMark` and another asks for more: `"block"`
   * (default) lets the slowest govern; `"error-slow"` fails the slow branch with `SLOW_BRANCH`,
   * after what it keeps; `"drop-slow"` goes on, and the slow branch misses that chunk.
   */
  readonly policy?: "block" | "error-slow" | "drop-slow"
  /**
   * Told of each chunk that `"drop-slow"` keeps from a branch, and of the branch's index. What it
   * throws fails every branch and cancels the source.
   */
  readonly onDrop?: (chunk: T, branch: number) => void
}

/**
 * Makes several readables of one: each gives every chunk, within bounds. It takes ownership of
 * `readable`. The standard's `tee()` follows its fastest branch without any bound; this does not.
 *
 * Chunks are shared, not copied: a branch must not change or transfer one. Nothing is read before a
 * branch asks. A branch that is cancelled drops out, at once, and does the others no harm; when the
 * last one is gone, `readable` is cancelled with an `AggregateError` of all their reasons, in the
 * order of the branches. Close and error reach a branch after the chunks that it keeps.
 *
 * @throws {RangeError} when `branches` is not a whole number from 1 on, or highWaterMark from 0 on.
 * @throws {TypeError} when `readable` is locked.
 * @throws {StreamError} `SLOW_BRANCH` at a slow branch, under `"error-slow"`.
 *
 * @example Two consumers of one source
 * ```ts
 * import assert from "node:assert/strict"
 * import { broadcast, from, toArray } from "@bellmouth/core"
 *
 * const [one, other] = broadcast(from([1, 2, 3]), 2)
 * assert(one && other)
 * const both = await Promise.all([toArray(one), toArray(other)])
 * assert.deepEqual(both, [[1, 2, 3], [1, 2, 3]])
 * ```
 */
export function broadcast<T>(
  readable: ReadableStream<T>,
  branches: number,
  options: BroadcastOptions<T> = {},
): ReadableStream<T>[] {
  const { highWaterMark = 16, policy = "block", onDrop = () => {} } = options
  checkCount("broadcast to", branches, 1)
  checkCount("let a branch lag by", highWaterMark)
  return new Broadcaster(readable, branches, { highWaterMark, policy, onDrop }).readables
}
