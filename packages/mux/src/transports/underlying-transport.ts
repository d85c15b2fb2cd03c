/** What an {@link UnderlyingTransport} is handed. Every call after the end does nothing. */
export interface TransportController {
  /** Gives bytes that came; the readable owns them. Empty ones are dropped. */
  enqueue(bytes: Uint8Array): void
  /** Says that there is room again, after `write` returned `false`. */
  drain(): void
  /** The peer has ended its direction, in good order. */
  close(): void
  /** The peer takes no more bytes: fails the writable alone. */
  errorWritable(reason: unknown): void
  /** The connection is gone: fails what has not ended, the readable after what came before. */
  error(reason: unknown): void
}

/** What a platform's connection can, for {@link createTransport}. */
export interface UnderlyingTransport {
  /** Whether each direction ends alone; else the end of one is the end of both. */
  readonly halfClose: boolean
  /** A longer chunk is cut to pieces of this many bytes. Default: no limit. */
  readonly maxMessageBytes?: number
  /** Called once, at once: listen. The first `write` waits for what it returns. */
  start(controller: TransportController): void | PromiseLike<void>
  /**
   * Hands bytes on without waiting; `false` says that enough is on its way, and that `drain()` will
   * be called. Never called with no bytes.
   */
  write(bytes: Uint8Array): boolean
  /** Ends our direction behind what was written; settles when that is known to be done. */
  close(): void | PromiseLike<void>
  /** Breaks the connection off, so that the peer can tell it from an end where possible. */
  abort(reason: unknown): void
  /** Nobody reads: ask for no more bytes. What still comes is queued. */
  pause?(): void
  /** Go on after `pause`. */
  resume?(): void
  /** Both directions are over, always called, once, last: remove every listener and timer. */
  release(): void
}
