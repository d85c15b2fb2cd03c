import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that gives `transform(chunk, index)` for each chunk.
 *
 * @example Double
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, map, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(from([1, 2]).pipeThrough(map((n) => 2 * n))), [2, 4])
 * ```
 */
export function map<I, O>(transform: (chunk: I, index: number) => O): Stage<I, O> {
  let index = 0
  return stage({
    transform(chunk, controller) {
      controller.enqueue(transform(chunk, index++))
    },
  })
}
