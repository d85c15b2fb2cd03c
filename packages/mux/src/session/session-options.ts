import type { Clock } from "@bellmouth/core"

/** Options of a session. Every limit is one of this side; the peer is told where it must obey. */
export interface SessionOptions {
  /**
   * Bytes that a channel's sender may have under way before the reader takes them. Default 262,144,
   * over a port 524,288.
   */
  readonly windowBytes?: number
  /**
   * The same while requests come beside it, as long as the way is short: what a request has to wait
   * behind. Default 16,384, over a port 65,536.
   */
  readonly sharedWindowBytes?: number
  /** The most that a channel's window grows to where delay or large items ask for more. Default 16 MiB. */
  readonly maxWindowBytes?: number
  /** The largest payload of one incoming frame, 4,096 to 16,777,215 bytes. Default 65,536. */
  readonly maxFrameBytes?: number
  /** The largest incoming chunk, request, reply or message, in bytes. Default 16 MiB. */
  readonly maxItemBytes?: number
  /** How many channels and requests of the peer's may be open at a time. Default 100. */
  readonly maxChannels?: number
  /** Bytes of a channel that may wait for the transport, however much credit there is. Default 262,144. */
  readonly maxQueuedBytes?: number
  /**
   * The most bytes that all channels together may hold unread, whatever the peer does. The peer can
   * fill a window and a frame for each of `maxChannels` and for messages, and two of `maxItemBytes` for
   * the one item that is being joined; what is left is for the channels that this side opens, and for
   * windows that grow. At least room for one more channel; default: twice what the peer can fill,
   * 133,301,840 with the other defaults.
   */
  readonly maxBufferedBytes?: number
  /** How many `open()` and `request()` may wait for the peer to have room. Default 1,024. */
  readonly maxPendingOpens?: number
  /** Small frames are gathered up to so many bytes in one chunk to the transport. Default 16,384. */
  readonly batchBytes?: number
  /** See {@link Transport.isByteStream}; `connect` takes it from the transport. Default false. */
  readonly isByteStream?: boolean
  /** How long the peer's greeting may take. Default 10,000 ms. */
  readonly helloTimeoutMs?: number
  /** The session fails when nothing comes for so long, pings included; 0: never. Default 0 ms. */
  readonly idleTimeoutMs?: number
  /** How long the transport may take to end once this side has. Default 2,000 ms. */
  readonly closeTimeoutMs?: number
  /** A greeting to the peer, as JSON; all of it has 65,536 bytes at most. It arrives as `ready`'s `app`. */
  readonly app?: unknown
  /** Time and timers. Default: the runtime's. */
  readonly clock?: Clock
}
