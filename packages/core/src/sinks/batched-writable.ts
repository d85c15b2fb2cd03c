import { checkCount } from "../check-count.ts"
import { checkPositive } from "../check-positive.ts"
import type { BatchedSink, BatchedWritableOptions } from "./batched-sink.ts"
import { Batcher } from "./batcher.ts"

/**
 * A writable that gathers, in batches, what arrives while a write is in flight.
 *
 * `cork()` and `uncork()` gather more: between them a batch is handed over only when it is full.
 *
 * @example Nothing is held back without a cork
 * ```ts
 * import assert from "node:assert/strict"
 * import { batchedWritable } from "@bellmouth/core"
 *
 * const rows: string[] = []
 * const writable = batchedWritable<string>({ writev: (chunks) => void rows.push(...chunks) })
 * const writer = writable.getWriter()
 * await writer.write("one")
 * assert.deepEqual(rows, ["one"])
 * writable.cork()
 * await writer.write("two")
 * assert.deepEqual(rows, ["one"])
 * writable.uncork()
 * assert.deepEqual(rows, ["one", "two"])
 * ```
 */
export class BatchedWritable<T> extends WritableStream<T> {
  readonly #batcher: Batcher<T>

  /** @internal */
  constructor(batcher: Batcher<T>) {
    super(batcher)
    this.#batcher = batcher
  }

  /** Holds batches back until they are full, or until as many calls of `uncork()`, or `close()`. */
  cork(): void {
    this.#batcher.cork()
  }

  /** Takes one `cork()` back; the last one hands over what was gathered. */
  uncork(): void {
    this.#batcher.uncork()
  }
}

/**
 * Makes a writable that hands its sink all that has arrived since the write before: one `writev`, one
 * system call, one commit, in place of many. It never waits for more, so it adds no delay.
 *
 * The standard's writable hands over one chunk at a time. Here `write()` resolves when its chunk has
 * been taken into a batch, not when that is written; an error shows at the next `write()`, at
 * `close()` and at `closed`. `close()` resolves when all is written. Memory is bounded: one batch in
 * flight, one gathering, and one chunk that waits. The sink owns a chunk from `write()` on.
 *
 * @throws {RangeError} when a limit is below 1, and what `sink.start` throws.
 *
 * @example Ten writes, one call
 * ```ts
 * import assert from "node:assert/strict"
 * import { batchedWritable } from "@bellmouth/core"
 *
 * const batches: number[] = []
 * const writable = batchedWritable<string>({
 *   async writev(chunks) {
 *     batches.push(chunks.length)
 *   },
 * })
 * const writer = writable.getWriter()
 * writable.cork()
 * for (let n = 0; n < 10; n++) void writer.write("row")
 * await writer.ready
 * writable.uncork()
 * await writer.close()
 * assert.deepEqual(batches, [10])
 * ```
 */
export function batchedWritable<T>(
  sink: BatchedSink<T>,
  options: BatchedWritableOptions<T> = {},
): BatchedWritable<T> {
  const { maxBatchChunks = 1024, maxBatchBytes = 1024 * 1024, size = byteLengthOf } = options
  checkCount("gather batches of", maxBatchChunks, 1)
  checkPositive("maxBatchBytes", maxBatchBytes)
  return new BatchedWritable(new Batcher(sink, { maxBatchChunks, maxBatchBytes, size }))
}

function byteLengthOf(chunk: unknown): number {
  if (ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer) return chunk.byteLength
  return 0
}
