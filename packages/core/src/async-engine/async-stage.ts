import type { StageOptions } from "../stage/stage.ts"
import { AsyncInput } from "./async-input.ts"
import { AsyncPair } from "./async-pair.ts"
import type { AsyncTransformer } from "./async-transformer.ts"

/**
 * Makes a transform of an asynchronous transformer: the standard's `TransformStream`, with `cancel`
 * in every runtime, and with what was made before an error delivered before it.
 *
 * One `transform` runs at a time, in order, once a consumer waits. Asynchronous stages that follow
 * one another overlap: while one chunk is worked on, the next is fetched. Between stages of this
 * package there is no native pipe, and synchronous ones after it fuse with it. For several chunks at
 * a time see `mapAsync`. An abort discards what was not yet read. `close()`
 * resolves when `flush` is done.
 *
 * The writable's highWaterMark is 1 chunk and the readable's 0, as in the standard; the options set
 * others. A `readableStrategy` of `{ highWaterMark: 1 }` lets a stage work ahead of its reader.
 *
 * @throws what `transformer.start` throws; `TypeError` or `RangeError` for a strategy
 *   that the standard refuses.
 *
 * @see https://streams.spec.whatwg.org/#ts-model
 *
 * @example One thing after the other
 * ```ts
 * import assert from "node:assert/strict"
 * import { asyncStage, from, toArray } from "@bellmouth/core"
 *
 * const lengths = asyncStage<Blob, number>({
 *   async transform(blob, controller) {
 *     controller.enqueue((await blob.text()).length)
 *   },
 * })
 * assert.deepEqual(await toArray(from([new Blob(["ab"])]).pipeThrough(lengths)), [2])
 * ```
 */
export function asyncStage<I, O>(
  transformer: AsyncTransformer<I, O>,
  options: StageOptions<I, O> = {},
): ReadableWritablePair<O, I> {
  return new AsyncPair((engine) => new AsyncInput<I, O>(engine, transformer), options)
}
