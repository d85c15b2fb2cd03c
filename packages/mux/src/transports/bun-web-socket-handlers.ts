import type { Transport } from "../transport.ts"
import { createTransport, type TransportOptions } from "./create-transport.ts"
import { type BunServerSocketLike, UnderlyingBunSocket } from "./underlying-bun-socket.ts"
import type { UnderlyingTransport } from "./underlying-transport.ts"

/** What {@link bunWebSocketHandlers} takes. */
export interface BunWebSocketOptions extends TransportOptions {
  /** The largest message that is accepted, in bytes; a larger one ends the connection. Default 1 MiB. */
  readonly maxPayloadBytes?: number
}

/** What `Bun.serve` takes as `websocket`. */
export interface BunWebSocketHandlers<S extends BunServerSocketLike> {
  readonly maxPayloadLength: number
  readonly perMessageDeflate: false
  open(socket: S): void
  message(socket: S, message: string | Uint8Array): void
  drain(socket: S): void
  close(socket: S, code: number, reason: string): void
}

const NOWHERE: UnderlyingTransport = {
  halfClose: false,
  start() {},
  write: () => true,
  close() {},
  abort() {},
  release() {},
}

/**
 * Makes the `websocket` handlers of `Bun.serve`, whose server side has handlers and no events: each
 * connection becomes a transport. Writes wait from the first one that does not fit into the socket
 * until Bun says that it has drained; what comes can not be paused. Ends are those of
 * `webSocketTransport`. Who may connect is for `fetch` to decide before `server.upgrade`: compare the
 * request's `origin` with a list.
 *
 * @throws {RangeError} when an option is out of its range.
 * @throws {TransportError} into both streams: `CONNECTION_LOST`, `BAD_MESSAGE`; into the writable:
 *   `CLOSED`.
 *
 * @example What Bun does, done by hand
 * ```ts
 * import assert from "node:assert/strict"
 * import { bunWebSocketHandlers } from "@bellmouth/mux/transports"
 *
 * const sent: Uint8Array[] = []
 * const handlers = bunWebSocketHandlers(({ readable, writable }) => void readable.pipeTo(writable))
 * const drained = Promise.withResolvers<void>()
 * const socket = {
 *   send: (bytes: Uint8Array) => {
 *     sent.push(bytes)
 *     drained.resolve()
 *     return bytes.length
 *   },
 *   close: () => {},
 *   terminate: () => {},
 * }
 * handlers.open(socket)
 * handlers.message(socket, Uint8Array.of(1, 2))
 * await drained.promise
 * assert.deepEqual(sent, [Uint8Array.of(1, 2)])
 * ```
 */
export function bunWebSocketHandlers<S extends BunServerSocketLike>(
  onTransport: (transport: Transport, socket: S) => void,
  options: BunWebSocketOptions = {},
): BunWebSocketHandlers<S> {
  const { maxPayloadBytes = 1024 * 1024 } = options
  if (!(Number.isInteger(maxPayloadBytes) && maxPayloadBytes > 0 && maxPayloadBytes < 2 ** 31)) {
    const wanted = "want a whole number from 1 to 2147483647"
    throw new RangeError(`Cannot accept messages of ${maxPayloadBytes} bytes: ${wanted}`)
  }
  createTransport(NOWHERE, options) // whatever is wrong is thrown now, not when somebody connects
  const connections = new Map<S, UnderlyingBunSocket>()
  return {
    maxPayloadLength: maxPayloadBytes,
    perMessageDeflate: false,
    open(socket) {
      const underlying = new UnderlyingBunSocket(socket)
      connections.set(socket, underlying)
      onTransport(createTransport(underlying, options), socket)
    },
    message: (socket, message) => connections.get(socket)?.receive(message),
    drain: (socket) => connections.get(socket)?.drain(),
    close(socket, code, reason) {
      connections.get(socket)?.end(code, reason)
      connections.delete(socket)
    },
  }
}
