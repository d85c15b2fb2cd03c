/** Options of `ObjectSession.open`. */
export interface OpenObjectOptions {
  /** The window of this channel's readable, in chunks. Default: the session's `windowItems`. */
  readonly windowItems?: number
  /** Aborting it cancels and aborts both directions with its reason. */
  readonly signal?: AbortSignal
}

/**
 * Two directions of structured-clone values within a session, each with its own backpressure and end.
 * A channel that nobody reads holds `windowItems` chunks, whatever their size, and delays no other.
 */
export interface ObjectChannel {
  /** Chunks from the peer, to be checked: they are what the peer chose to send. */
  readonly readable: ReadableStream<unknown>
  /**
   * Chunks to the peer: whatever can be cloned, or a `transfer(value, list)`. A write resolves while
   * there is credit. What can not be cloned rejects its write with a `TypeError` and fails the writable.
   */
  readonly writable: WritableStream<unknown>
  /** What the opener gave to `open`. */
  readonly metadata: unknown
  /** Its number: positive when opened here, negative by the peer; undefined while it waits to open. */
  readonly id: number | undefined
  /** Fulfils when both directions have ended, rejects with what ended one early. Needs no handling. */
  readonly finished: Promise<void>
  /** Aborted with the reason when the peer cancels, aborts, or is lost. */
  readonly signal: AbortSignal
  /** Fails the writable once what was written has been delivered, where `abort` drops it. */
  fail(reason: unknown): void
}

/** Serves one channel. Its place is held until this is done; what is left open then is ended. */
export type ObjectChannelHandler = (channel: ObjectChannel) => void | PromiseLike<void>
