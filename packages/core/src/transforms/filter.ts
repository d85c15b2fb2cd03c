import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that lets only those chunks pass for which `predicate(chunk, index)` is true.
 *
 * @example Even numbers
 * ```ts
 * import assert from "node:assert/strict"
 * import { filter, from, toArray } from "@bellmouth/core"
 *
 * const even = filter((n: number) => n % 2 === 0)
 * assert.deepEqual(await toArray(from([1, 2, 3, 4]).pipeThrough(even)), [2, 4])
 * ```
 */
export function filter<T, S extends T>(
  predicate: (chunk: T, index: number) => chunk is S,
): Stage<T, S>
export function filter<T>(predicate: (chunk: T, index: number) => boolean): Stage<T, T>
export function filter<T>(predicate: (chunk: T, index: number) => boolean): Stage<T, T> {
  let index = 0
  return stage({
    transform(chunk, controller) {
      if (predicate(chunk, index++)) controller.enqueue(chunk)
    },
  })
}
