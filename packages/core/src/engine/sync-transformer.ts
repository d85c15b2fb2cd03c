/**
 * What a stage's callbacks are handed to produce output: the standard's
 * `TransformStreamDefaultController`, without a queue that anyone could overrun.
 */
export interface StageController<O> {
  /**
   * Gives one chunk to what follows; from outside the callbacks, too. It is dropped once another has
   * ended the stage, and a `TypeError` once the stage has flushed or has ended itself.
   */
  enqueue(chunk: O): void
  /** Fails the stage: what it has already enqueued is delivered first, then `reason`. */
  error(reason: unknown): void
  /** Ends the stage early: the readable closes, what feeds it is cancelled. */
  terminate(): void
}

/**
 * A synchronous transformer, in the shape of the standard's `Transformer`.
 *
 * Every callback must return without a promise: a thenable result fails the stage with a
 * `TypeError`. The callbacks are called as methods of the object and dropped when the stage ends.
 */
export interface SyncTransformer<I, O> {
  /** Called once, before the first chunk is asked for. */
  start?(controller: StageController<O>): void
  /** Called for each chunk, only while what follows asks for output. Absent: chunks pass through. */
  transform?(chunk: I, controller: StageController<O>): void
  /**
   * Called when the consumer waits and no input is at hand: the moment for a stage that gathers to
   * give what it has, so that nothing waits for a count or a timer. Not in the standard.
   */
  idle?(controller: StageController<O>): void
  /** Called once after the last chunk, whether anybody reads or not, before the readable closes. */
  flush?(controller: StageController<O>): void
  /** Called once, never before `start`, when the stage ends early (cancel, abort or error), with the reason. */
  cancel?(reason: unknown): void
}
