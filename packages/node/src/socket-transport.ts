import type { Socket } from "node:net"
import type { Transport } from "@bellmouth/mux"
import { createTransport, type TransportOptions } from "@bellmouth/mux/transports"
import { UnderlyingNodeStreams } from "./underlying-node-streams.ts"

/**
 * Makes a transport of a `net.Socket` or a `tls.TLSSocket` that is connected or connecting; it owns
 * the socket from now on.
 *
 * Bytes are sent without Nagle's delay; what is written in one turn of the event loop leaves in one
 * system call. Writes wait as the socket says (64 KiB); after a turn of which the system took all at
 * once, from 256 KiB on. What is more goes in the next turn. The socket is paused when nobody reads.
 * Each direction ends alone: call this before the peer's end has come, so that it can be half-closed.
 * `abort()` resets a TCP connection; over TLS and Unix sockets a peer sees it as an end.
 *
 * @throws {TransportError} into both streams: `CONNECT_FAILED`, `CONNECTION_LOST`, with Node's error
 *   as `cause`.
 *
 * @example An echo over TCP
 * ```ts
 * import assert from "node:assert/strict"
 * import { once } from "node:events"
 * import { connect, createServer } from "node:net"
 * import { socketTransport } from "@bellmouth/node"
 *
 * const server = createServer((socket) => {
 *   const { readable, writable } = socketTransport(socket)
 *   void readable.pipeTo(writable)
 * })
 * await once(server.listen(0, "127.0.0.1"), "listening")
 * const address = server.address()
 * assert(typeof address === "object" && address !== null)
 * const { readable, writable } = socketTransport(connect(address.port, "127.0.0.1"))
 * const writer = writable.getWriter()
 * void writer.write(new TextEncoder().encode("echo")).then(() => writer.close())
 * assert.equal(await new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "echo")
 * server.close()
 * ```
 */
export function socketTransport(socket: Socket, options: TransportOptions = {}): Transport {
  socket.setNoDelay(true)
  socket.allowHalfOpen = true
  const connected = "encrypted" in socket ? "secureConnect" : "connect"
  const underlying = new UnderlyingNodeStreams(socket, socket, {
    open: socket.connecting ? (opened) => socket.once(connected, opened) : undefined,
    abort: () => reset(socket),
    release: () => socket.destroy(),
  })
  return { ...createTransport(underlying, options), isByteStream: true }
}

function reset(socket: Socket): void {
  // Only plain TCP has a reset; elsewhere asking for it is an error.
  const isTcp = !("encrypted" in socket) && socket.remoteFamily !== undefined
  if (isTcp && !socket.destroyed) socket.resetAndDestroy()
  // At once: by itself it sends what waits, and then an end, before the reset.
  socket.destroy()
}
