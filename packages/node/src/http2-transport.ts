import { type ClientHttp2Stream, constants, type ServerHttp2Stream } from "node:http2"
import type { Transport } from "@bellmouth/mux"
import { createTransport, TransportError, type TransportOptions } from "@bellmouth/mux/transports"
import { UnderlyingNodeStreams } from "./underlying-node-streams.ts"

/**
 * Makes a transport of one HTTP/2 stream, at either side: the bodies of a request and its response,
 * both open at once. A server's stream is answered with 200 here unless it was answered before; a
 * client's is made by `session.request` with a method that has a body, such as `POST`, and handed over
 * before its response has come: Node.js does not tell later that it has, and writes wait for it.
 *
 * Each direction ends alone and has HTTP/2's own backpressure; `abort()` resets the stream.
 *
 * @throws {TransportError} into both streams: `CONNECT_FAILED` for another status than 2xx,
 *   `CONNECTION_LOST`.
 *
 * @example An echo over HTTP/2
 * ```ts
 * import assert from "node:assert/strict"
 * import { once } from "node:events"
 * import { connect, createServer } from "node:http2"
 * import { http2Transport } from "@bellmouth/node"
 *
 * const server = createServer()
 * server.on("stream", (stream) => {
 *   const { readable, writable } = http2Transport(stream)
 *   void readable.pipeTo(writable)
 * })
 * await once(server.listen(0, "127.0.0.1"), "listening")
 * const address = server.address()
 * assert(typeof address === "object" && address !== null)
 * const session = connect(`http://127.0.0.1:${address.port}`)
 * const { readable, writable } = http2Transport(session.request({ ":method": "POST" }))
 * const writer = writable.getWriter()
 * void writer.write(new TextEncoder().encode("echo")).then(() => writer.close())
 * assert.equal(await new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "echo")
 * session.close()
 * server.close()
 * ```
 */
export function http2Transport(
  stream: ClientHttp2Stream | ServerHttp2Stream,
  options: TransportOptions = {},
): Transport {
  const isServer = "respond" in stream
  if (isServer && !stream.headersSent && !stream.destroyed) stream.respond({ ":status": 200 })
  const underlying = new UnderlyingNodeStreams(stream, stream, {
    open: isServer ? undefined : (...settle) => answered(stream, ...settle),
    isBroken: () => stream.aborted || (stream.rstCode ?? 0) !== constants.NGHTTP2_NO_ERROR,
    watch: (stopped) => void (stream.aborted ? stopped() : stream.once("aborted", stopped)),
    // Not by `close`, which sends an end before the reset. The error is what makes it a reset.
    abort: () => void stream.destroy(new Error("Cannot go on: the transport was aborted")),
    release() {
      stream.close()
      // Node keeps a closed stream until all is read, and all has left; neither will be.
      if (stream.writableFinished) stream.resume()
      else stream.destroy()
    },
  })
  return { ...createTransport(underlying, options), isByteStream: true }
}

/** Waits for the response's headers. */
function answered(
  stream: ClientHttp2Stream,
  opened: () => void,
  refused: (reason: TransportError) => void,
): void {
  stream.once("response", (headers) => {
    const status = Number(headers[":status"])
    if (status >= 200 && status < 300) return opened()
    const message = `Cannot connect: the server answered with ${status}; look at the path`
    refused(new TransportError("CONNECT_FAILED", message))
    stream.close(constants.NGHTTP2_CANCEL)
  })
}
