import { checkLimit } from "@bellmouth/core"
import type { Transport } from "../transport.ts"
import { createTransport, type TransportOptions } from "./create-transport.ts"
import type { DataChannelLike } from "./data-channel-like.ts"
import { UnderlyingDataChannel } from "./underlying-data-channel.ts"

/** What {@link dataChannelTransport} takes. */
export interface DataChannelTransportOptions extends TransportOptions {
  /** While so many bytes wait in the channel, writes wait too. Default 256 KiB. */
  readonly maxBufferedBytes?: number
  /**
   * A longer chunk is sent as several messages. Default 16 KiB, which every browser takes and which
   * does not keep other channels of the same connection waiting.
   */
  readonly maxMessageBytes?: number
}

/**
 * Makes a transport of an `RTCDataChannel` that is open or opening; the peer makes one of its end,
 * which may have come by a `datachannel` event. Such a channel loses, in Chromium, what is sent before
 * somebody listens, so each end sends `"ready"`, and the first write waits for the other's. Now and
 * then Chromium leaves one `"connecting"` for ever, which can send nothing: limit that wait, as a
 * session does by `helloTimeoutMs`.
 *
 * A channel's close says nothing about what was lost, so ends are sent as the text messages `"end"`
 * and `"abort"`; a channel that closes without them fails both streams. Writes wait while 256 KiB are
 * in the channel, until half of it has gone. What comes can not be paused: the peer's credit has to
 * bound it, and `maxQueuedBytes` ends a connection whose peer has none. The channel is closed when
 * both directions are over, by whichever end hears the last word.
 *
 * @throws {RangeError} for a limit below 1 byte.
 * @throws {TypeError} when the channel is unordered or may give up on a message.
 * @throws {TransportError} into both streams: `CONNECT_FAILED`, `CONNECTION_LOST`, `BAD_MESSAGE`.
 *
 * @example A channel that loses messages is refused
 * ```ts
 * import assert from "node:assert/strict"
 * import { dataChannelTransport } from "@bellmouth/mux/transports"
 *
 * const target = new EventTarget()
 * const channel = Object.assign(target, {
 *   binaryType: "blob",
 *   readyState: "connecting",
 *   ordered: true,
 *   maxRetransmits: 0,
 *   maxPacketLifeTime: null,
 *   bufferedAmount: 0,
 *   bufferedAmountLowThreshold: 0,
 *   send: () => {},
 *   close: () => {},
 * })
 * assert.throws(() => dataChannelTransport(channel), TypeError)
 * ```
 */
export function dataChannelTransport(
  channel: DataChannelLike,
  options: DataChannelTransportOptions = {},
): Transport {
  const { maxBufferedBytes = 256 * 1024, maxMessageBytes = 16 * 1024 } = options
  checkLimit("maxBufferedBytes", maxBufferedBytes)
  if (!channel.ordered || channel.maxRetransmits !== null || channel.maxPacketLifeTime !== null) {
    const state = "it is unordered or unreliable; create it with its default options"
    throw new TypeError(`Cannot use the data channel: ${state}`)
  }
  const underlying = new UnderlyingDataChannel(channel, { maxBufferedBytes, maxMessageBytes })
  return createTransport(underlying, options)
}
