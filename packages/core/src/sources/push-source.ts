/** What a push source is handed. Every call after the end, or after a cancel, does nothing. */
export interface PushController<T> {
  /** How much more the queue takes before the source is told to pause; negative when it is over. */
  readonly desiredSize: number
  /** How many chunks the overflow policy has dropped. */
  readonly dropped: number
  /** Gives one chunk: to a consumer that waits, else into the queue. */
  enqueue(chunk: T): void
  /** Ends the stream after what was enqueued. */
  close(): void
  /** Fails the stream with `reason` after what was enqueued. */
  error(reason: unknown): void
}

/** A source that gives when it likes: a socket, an emitter, a subscription. */
export interface PushSource<T> {
  /** Called once, at once: begin. */
  start(controller: PushController<T>): void | PromiseLike<void>
  /** The queue has reached `highWaterMark`: give no more for now. What still comes is queued. */
  pause?(): void
  /** The queue has fallen to `lowWaterMark`: go on. */
  resume?(): void
  /** The consumer is gone, or the queue has overflowed; called at most once, not after `close` or `error`. */
  stop?(reason: unknown): void | PromiseLike<void>
}

/** Options of {@link fromPush}. All limits are in the unit of `size`: chunks by default. */
export interface FromPushOptions<T> {
  /** At this queue size the source is paused. Default 16. */
  readonly highWaterMark?: number
  /** At this queue size, or below, a paused source is resumed. Default: half of `highWaterMark`. */
  readonly lowWaterMark?: number
  /** The most the queue may ever hold, whatever comes after a pause. Default: 16 times `highWaterMark`. */
  readonly maxQueued?: number
  /**
   * What happens to a chunk that `maxQueued` has no room for: `"error"` (default) fails the stream
   * with `OVERFLOW`, after what is queued; `"drop-newest"` drops it; `"drop-oldest"` drops from the
   * front of the queue to make room, and the chunk itself when it is larger than all of `maxQueued`.
   */
  readonly overflow?: "error" | "drop-newest" | "drop-oldest"
  /** Measures a chunk, for example in bytes. Default: 1 each. */
  readonly size?: (chunk: T) => number
  /** Told of each chunk that the policy drops. */
  readonly onDrop?: (chunk: T) => void
}
