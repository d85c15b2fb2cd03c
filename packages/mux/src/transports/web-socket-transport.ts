import { type Clock, checkLimit, systemClock } from "@bellmouth/core"
import type { Transport } from "../transport.ts"
import { createTransport, type TransportOptions } from "./create-transport.ts"
import { UnderlyingWebSocket } from "./underlying-web-socket.ts"
import type { WebSocketLike } from "./web-socket-like.ts"

/** What {@link webSocketTransport} takes. */
export interface WebSocketTransportOptions extends TransportOptions {
  /** While so many bytes wait in the socket, writes wait too. Default 256 KiB. */
  readonly maxBufferedBytes?: number
  /** A longer chunk is sent as several messages. Default 256 KiB. */
  readonly maxMessageBytes?: number
  /** The time that looks at `bufferedAmount` again. Default: the runtime's. */
  readonly clock?: Clock
}

/**
 * Makes a transport of a WebSocket that is open or opening; it owns the socket from now on.
 *
 * Writes wait while 256 KiB or more are in the socket: `ws` tells when it has sent; of any other
 * socket `bufferedAmount` is looked at again with each message that comes, and after 1 to 16 ms. What
 * comes can be paused on `ws` only: elsewhere the peer's credit has to bound it, and
 * `maxQueuedBytes` ends a connection whose peer has none. There is no half-close: `writable.close()`
 * closes the connection with 1000 and settles when the peer has closed it too; `abort()` terminates
 * it, in browsers by closing with 4000. Close codes 1000 and 1005 end the readable; every other, as a
 * text message (`BAD_MESSAGE`), fails it.
 *
 * @throws {RangeError} for a limit below 1 byte.
 * @throws {TransportError} into both streams: `CONNECT_FAILED`, `CONNECTION_LOST` with `closeCode`
 * and `closeReason`, `BAD_MESSAGE`; into the writable: `CLOSED`.
 *
 * @example A socket of which only the needed members are seen
 * ```ts
 * import assert from "node:assert/strict"
 * import { webSocketTransport } from "@bellmouth/mux/transports"
 *
 * const target = new EventTarget()
 * const socket = {
 *   binaryType: "blob",
 *   readyState: 1,
 *   bufferedAmount: 0,
 *   sent: new Array<Uint8Array>(),
 *   send: (bytes: Uint8Array) => void socket.sent.push(bytes),
 *   close: (code: number) => target.dispatchEvent(Object.assign(new Event("close"), { code })),
 *   addEventListener: target.addEventListener.bind(target),
 *   removeEventListener: target.removeEventListener.bind(target),
 * }
 * const { readable, writable } = webSocketTransport(socket)
 * const writer = writable.getWriter()
 * await writer.write(new Uint8Array([1, 2]))
 * await writer.close()
 * assert.deepEqual(socket.sent, [new Uint8Array([1, 2])])
 * assert((await readable.getReader().read()).done)
 * ```
 */
export function webSocketTransport(
  socket: WebSocketLike,
  options: WebSocketTransportOptions = {},
): Transport {
  const { maxBufferedBytes = 256 * 1024, maxMessageBytes = 256 * 1024 } = options
  checkLimit("maxBufferedBytes", maxBufferedBytes)
  const limits = { maxBufferedBytes, maxMessageBytes, clock: options.clock ?? systemClock }
  return createTransport(new UnderlyingWebSocket(socket, limits), options)
}
