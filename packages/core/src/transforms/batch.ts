import { checkCount } from "../check-count.ts"
import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that gathers chunks into arrays of at most `maxChunks`: the array view of a stream.
 *
 * An array holds what was at hand when the consumer asked: the stage never waits for a full array
 * or a timer, so it adds no delay. A slow consumer gets fuller arrays.
 *
 * @throws {RangeError} when `maxChunks` is not a whole number from 1 on.
 *
 * @example Arrays of three
 * ```ts
 * import assert from "node:assert/strict"
 * import { batch, from, toArray } from "@bellmouth/core"
 *
 * const batches = from([1, 2, 3, 4]).pipeThrough(batch(3))
 * assert.deepEqual(await toArray(batches), [[1, 2, 3], [4]])
 * ```
 */
export function batch<T>(maxChunks: number): Stage<T, T[]> {
  checkCount("batch", maxChunks, 1)
  let gathered: T[] = []
  const give = (controller: { enqueue(chunk: T[]): void }): void => {
    if (gathered.length === 0) return
    const full = gathered
    gathered = []
    controller.enqueue(full)
  }
  return stage({
    transform(chunk, controller) {
      gathered.push(chunk)
      if (gathered.length === maxChunks) give(controller)
    },
    idle: give,
    flush: give,
    cancel() {
      gathered = []
    },
  })
}
