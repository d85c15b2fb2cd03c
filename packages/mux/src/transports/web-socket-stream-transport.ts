import type { Transport } from "../transport.ts"
import { createTransport, type TransportOptions } from "./create-transport.ts"
import {
  UnderlyingWebSocketStream,
  type WebSocketStreamLike,
} from "./underlying-web-socket-stream.ts"

/**
 * Makes a transport of Chromium's `WebSocketStream`, which has backpressure in both directions; it
 * owns the stream from now on. Ends are those of `webSocketTransport`: there is no half-close, close
 * codes 1000 and 1005 end the readable, `abort()` closes with 4000.
 *
 * @throws {TransportError} into both streams: `CONNECT_FAILED`, `CONNECTION_LOST`, `BAD_MESSAGE`;
 *   into the writable: `CLOSED`.
 *
 * @example A socket of which only the needed members are seen
 * ```ts
 * import assert from "node:assert/strict"
 * import { webSocketStreamTransport } from "@bellmouth/mux/transports"
 *
 * const { readable, writable } = new TransformStream()
 * const ended = Promise.withResolvers<{ closeCode: number }>()
 * const echo = webSocketStreamTransport({
 *   opened: Promise.resolve({ readable, writable }),
 *   closed: ended.promise,
 *   close: () => ended.resolve({ closeCode: 1000 }),
 * })
 * void echo.writable.getWriter().write(new Uint8Array([1]))
 * const { value } = await echo.readable.getReader().read()
 * assert.deepEqual(value, new Uint8Array([1]))
 * ```
 */
export function webSocketStreamTransport(
  socket: WebSocketStreamLike,
  options: TransportOptions = {},
): Transport {
  return createTransport(new UnderlyingWebSocketStream(socket), options)
}
