/** What the callbacks of an asynchronous transformer are handed. */
export interface AsyncStageController<O> {
  /** How many chunks are wanted now; 0 when none is. */
  readonly desiredSize: number
  /**
   * Aborted, with the reason, as soon as nothing that the stage still makes can be of use: it was
   * cancelled, aborted, or it failed. For a `fetch` or a timer inside `transform`.
   */
  readonly signal: AbortSignal
  /**
   * Gives one chunk to what follows. It is dropped once another has ended the stage, and a
   * `TypeError` once the stage has flushed or has ended itself.
   */
  enqueue(chunk: O): void
  /** Fails the stage: what it has already enqueued is delivered first, then `reason`. */
  error(reason: unknown): void
  /** Ends the stage early: the readable closes, what feeds it is cancelled. */
  terminate(): void
}

/**
 * An asynchronous transformer, in the shape of the standard's `Transformer`: each callback may
 * return a promise. One `transform` runs at a time. The callbacks are called as methods of the
 * object and dropped when the stage ends.
 */
export interface AsyncTransformer<I, O> {
  /** Called once, at once; the first `transform` waits for it. */
  start?(controller: AsyncStageController<O>): void | PromiseLike<void>
  /** Called for each chunk, once what follows asks for output. Absent: chunks pass through. */
  transform?(chunk: I, controller: AsyncStageController<O>): void | PromiseLike<void>
  /** Called once after the last chunk, before the readable closes. */
  flush?(controller: AsyncStageController<O>): void | PromiseLike<void>
  /**
   * Called once when the stage is cancelled or aborted, with the reason; a `transform` may still be
   * running. What cancelled or aborted waits for it, as in the standard.
   */
  cancel?(reason: unknown): void | PromiseLike<void>
}
