import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that gives every value of `transform(chunk, index)` as a chunk of its own.
 *
 * What one chunk expands to waits inside the stage until it is asked for, and nothing more is read
 * until then.
 *
 * @example Words of lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { flatMap, from, toArray } from "@bellmouth/core"
 *
 * const words = flatMap((line: string) => line.split(" "))
 * assert.deepEqual(await toArray(from(["a b", "c"]).pipeThrough(words)), ["a", "b", "c"])
 * ```
 */
export function flatMap<I, O>(transform: (chunk: I, index: number) => Iterable<O>): Stage<I, O> {
  let index = 0
  return stage({
    transform(chunk, controller) {
      for (const value of transform(chunk, index++)) controller.enqueue(value)
    },
  })
}
