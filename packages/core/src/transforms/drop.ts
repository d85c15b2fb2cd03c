import { checkCount } from "../check-count.ts"
import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that leaves out the first `count` chunks.
 *
 * @throws {RangeError} when `count` is not a whole number from 0 on.
 *
 * @example All but the first
 * ```ts
 * import assert from "node:assert/strict"
 * import { drop, from, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(from([1, 2, 3]).pipeThrough(drop(1))), [2, 3])
 * ```
 */
export function drop<T>(count: number): Stage<T, T> {
  checkCount("drop", count)
  let left = count
  return stage({
    transform(chunk, controller) {
      if (left === 0) controller.enqueue(chunk)
      else left--
    },
  })
}
