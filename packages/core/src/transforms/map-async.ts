import { AsyncPair } from "../async-engine/async-pair.ts"
import { OrderedWindow } from "../async-engine/ordered-window.ts"
import { checkCount } from "../check-count.ts"

/** What `mapAsync` tells its function beside the chunk. */
export interface MapAsyncContext {
  /** The chunk's place in the stream, from 0 on. */
  readonly index: number
  /** Aborted, with the reason, as soon as the result can not be used any more. */
  readonly signal: AbortSignal
}

/** Options of {@link mapAsync}. */
export interface MapAsyncOptions {
  /**
   * The most chunks that are being worked on, or are done and wait for their turn. Default 8. So
   * many are taken ahead of the reader, from its first read on.
   */
  readonly concurrency?: number
}

/**
 * Makes a transform that gives what `transform(chunk, { index, signal })` resolves to, in the order
 * of the chunks, with several at work at a time.
 *
 * When one fails, its source is cancelled at once; the results of the chunks before it are delivered
 * first, then its error. A cancel or an abort drops all results and aborts the signal. `write()`
 * resolves when there is room for another chunk, `close()` when all are done. Synchronous stages
 * after it fuse with it.
 *
 * @throws {RangeError} when `concurrency` is not a whole number from 1 on.
 *
 * @example Four at a time, in order
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, mapAsync, toArray } from "@bellmouth/core"
 *
 * const blobs = [new Blob(["one"]), new Blob(["two"])]
 * const texts = mapAsync((blob: Blob) => blob.text(), { concurrency: 4 })
 * assert.deepEqual(await toArray(from(blobs).pipeThrough(texts)), ["one", "two"])
 * ```
 */
export function mapAsync<I, O>(
  transform: (chunk: I, context: MapAsyncContext) => O | PromiseLike<O>,
  options: MapAsyncOptions = {},
): ReadableWritablePair<O, I> {
  const { concurrency = 8 } = options
  checkCount("map with concurrency", concurrency, 1)
  return new AsyncPair((engine) => new OrderedWindow<I, O>(engine, concurrency, transform))
}
