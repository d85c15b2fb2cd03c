/** Options of a session that speaks omnistreams. */
export interface OmnistreamsOptions {
  /**
   * Chunks of a channel that may be asked for and not yet taken, 1 to 255; 1 asks for each when it is
   * read. Nothing is asked for before the first read. Default 16.
   */
  readonly windowItems?: number
  /** The most bytes of one message that comes, past which the session ends. Default 1 MiB. */
  readonly maxItemBytes?: number
  /**
   * The most bytes of one message that goes; a longer chunk is refused, since it can not be cut. A
   * transport's own `maxMessageBytes` must not be less. Default 262,144.
   */
  readonly maxMessageBytes?: number
  /**
   * The most bytes that all channels and messages together may hold unread, each chunk counted with 64
   * more, past which the session ends: v0 can not hold messages back. Default 64 MiB.
   */
  readonly maxBufferedBytes?: number
  /** Channels of the peer's that nobody has taken yet; more are cancelled. Default 256. */
  readonly maxPendingChannels?: number
  /** Bytes that may wait for the transport, each frame counted with 64 more. Default 1 MiB. */
  readonly maxQueuedBytes?: number
}

/** Each option with its value. */
export type OmnistreamsLimits = Required<OmnistreamsOptions>

/** What a queued frame is taken to cost besides its bytes, so that small ones have a price. */
export const FRAME_OVERHEAD_BYTES = 64

/** @throws {RangeError} when a limit is out of its range. */
export function omnistreamsLimits(options: OmnistreamsOptions): OmnistreamsLimits {
  const {
    windowItems = 16,
    maxItemBytes = 1024 * 1024,
    maxMessageBytes = 256 * 1024,
    maxBufferedBytes = 64 * 1024 * 1024,
    maxPendingChannels = 256,
    maxQueuedBytes = 1024 * 1024,
  } = options
  check("windowItems", windowItems, 1, 255)
  check("maxItemBytes", maxItemBytes, 3)
  check("maxMessageBytes", maxMessageBytes, 3)
  check("maxBufferedBytes", maxBufferedBytes, maxItemBytes + FRAME_OVERHEAD_BYTES)
  check("maxPendingChannels", maxPendingChannels, 0)
  // All 256 channels may have a frame of each kind under way.
  check("maxQueuedBytes", maxQueuedBytes, 1024 * FRAME_OVERHEAD_BYTES)
  return {
    windowItems,
    maxItemBytes,
    maxMessageBytes,
    maxBufferedBytes,
    maxPendingChannels,
    maxQueuedBytes,
  }
}

function check(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`Cannot use ${name} ${value}: want an integer from ${least} to ${most}`)
}
