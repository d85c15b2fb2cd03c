import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that gives the running result of `reducer(state, chunk, index)` for each chunk.
 *
 * @example A running sum
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, scan, toArray } from "@bellmouth/core"
 *
 * const sums = scan((sum: number, n: number) => sum + n, 0)
 * assert.deepEqual(await toArray(from([1, 2, 3]).pipeThrough(sums)), [1, 3, 6])
 * ```
 */
export function scan<I, S>(
  reducer: (state: S, chunk: I, index: number) => S,
  initial: S,
): Stage<I, S> {
  let state = initial
  let index = 0
  return stage({
    transform(chunk, controller) {
      state = reducer(state, chunk, index++)
      controller.enqueue(state)
    },
  })
}
