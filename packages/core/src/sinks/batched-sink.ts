/** The standard's underlying sink, with a `writev` for several chunks at once. */
export interface BatchedSink<T> {
  start?(controller: WritableStreamDefaultController): void | PromiseLike<void>
  /** Writes a batch of one. Absent: `writev` gets it. */
  write?(chunk: T): void | PromiseLike<void>
  /** Writes a batch, in order. Not called again, nor `write`, before it is done. */
  writev(chunks: readonly T[]): void | PromiseLike<void>
  /** Called once all is written. */
  close?(): void | PromiseLike<void>
  /** Called once the write in flight is done; what was not yet handed over is dropped. */
  abort?(reason: unknown): void | PromiseLike<void>
}

/** Options of {@link batchedWritable}. */
export interface BatchedWritableOptions<T> {
  /** The most chunks in a batch. Default 1024. */
  readonly maxBatchChunks?: number
  /**
   * The most bytes in a batch; a larger chunk makes a batch of its own. Default 1 MiB (1,048,576).
   */
  readonly maxBatchBytes?: number
  /** The bytes of a chunk. Default: its `byteLength`, and 0 for what has none, such as a string. */
  readonly size?: (chunk: T) => number
}
