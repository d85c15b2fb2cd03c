import { checkCount } from "../check-count.ts"
import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that ends the stream after its first `count` chunks and cancels what feeds it.
 *
 * `take(0)` ends it at once.
 *
 * @throws {RangeError} when `count` is not a whole number from 0 on.
 *
 * @example The first two
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, take, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(from([1, 2, 3]).pipeThrough(take(2))), [1, 2])
 * ```
 */
export function take<T>(count: number): Stage<T, T> {
  checkCount("take", count)
  let left = count
  return stage({
    start(controller) {
      if (left === 0) controller.terminate()
    },
    transform(chunk, controller) {
      controller.enqueue(chunk)
      if (--left === 0) controller.terminate()
    },
  })
}
