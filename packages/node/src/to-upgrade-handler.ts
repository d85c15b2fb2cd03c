import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { Transport } from "@bellmouth/mux"
import {
  type WebSocketLike,
  type WebSocketTransportOptions,
  webSocketTransport,
} from "@bellmouth/mux/transports"
import { type OriginRules, originGuard } from "./origin-guard.ts"

/** The settings that `ws` is given. */
export interface WebSocketServerSettings {
  readonly noServer: true
  readonly clientTracking: false
  readonly perMessageDeflate: false
  readonly maxPayload: number
  readonly maxFragments: number
  readonly maxBufferedChunks: number
}

/** What is used of a `WebSocketServer` of `ws`, from 8.21 on. */
export interface WebSocketServerLike {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (socket: WebSocketLike) => void,
  ): void
}

/** What {@link toUpgradeHandler} takes. */
export interface UpgradeHandlerOptions extends OriginRules, WebSocketTransportOptions {
  /** The class of that name from `ws`. */
  readonly WebSocketServer: new (
    settings: WebSocketServerSettings,
  ) => WebSocketServerLike
  /**
   * The origins whose pages may connect, each exactly as a browser sends it
   * (`https://example.org`); `"*"` lets every page of the web connect as its reader. A `null` origin is
   * refused in any case. A request without an origin is no browser's and passes: let the program show
   * who it is in its first bytes.
   */
  readonly origins: readonly string[] | "*"
  /**
   * The names, with or without port, that the server is asked for by (`Host`). Default: on a loopback
   * address `localhost`, `127.0.0.1` and `[::1]`, so that no page can reach it by a name of its own;
   * elsewhere any.
   */
  readonly hosts?: readonly string[]
  /** The largest message that is accepted, in bytes; a larger one closes with 1009. Default 1 MiB. */
  readonly maxPayloadBytes?: number
}

const CLOSED: WebSocketLike = {
  binaryType: "arraybuffer",
  readyState: 3,
  send() {},
  close() {},
  addEventListener() {},
  removeEventListener() {},
}

/**
 * Makes a listener for the `upgrade` event of a `node:http` server that accepts WebSockets, by `ws`,
 * as transports. Whoever may not connect is answered with 403 before anything is made for it.
 * Compression is off, as it costs memory and opens the door to bombs; a message of at most 1,024
 * fragments and 4,096 chunks is put together.
 *
 * @throws {TypeError} for an allowed origin that is not exactly an origin.
 * @throws {RangeError} when `maxPayloadBytes` is not a whole number from 1 to 2^31-1, or another limit is
 *   none: at once, not when somebody connects.
 *
 * @example One echo
 * ```ts
 * import assert from "node:assert/strict"
 * import { once } from "node:events"
 * import { createServer } from "node:http"
 * import { webSocketTransport } from "@bellmouth/mux/transports"
 * import { toUpgradeHandler } from "@bellmouth/node"
 * import { WebSocketServer } from "ws"
 *
 * const onUpgrade = toUpgradeHandler(({ readable, writable }) => void readable.pipeTo(writable), {
 *   WebSocketServer,
 *   origins: ["https://example.org"],
 * })
 * const server = createServer().on("upgrade", onUpgrade).listen(0, "127.0.0.1")
 * await once(server, "listening")
 * const address = server.address()
 * assert(typeof address === "object" && address !== null)
 * const socket = new WebSocket(`ws://127.0.0.1:${address.port}`)
 * const { readable, writable } = webSocketTransport(socket)
 * const writer = writable.getWriter()
 * await writer.write(Uint8Array.of(1, 2))
 * const { value } = await readable.getReader().read()
 * assert.deepEqual(Uint8Array.from(value ?? []), Uint8Array.of(1, 2))
 * await writer.close()
 * server.close()
 * ```
 */
export function toUpgradeHandler(
  onTransport: (transport: Transport, request: IncomingMessage) => void,
  options: UpgradeHandlerOptions,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { WebSocketServer, maxPayloadBytes = 1024 * 1024 } = options
  // `ws` takes none of the others for a limit, and accepts whatever comes.
  if (!(Number.isInteger(maxPayloadBytes) && maxPayloadBytes > 0 && maxPayloadBytes < 2 ** 31)) {
    const wanted = "want a whole number from 1 to 2147483647"
    throw new RangeError(`Cannot accept messages of ${maxPayloadBytes} bytes: ${wanted}`)
  }
  webSocketTransport(CLOSED, options) // what is wrong is thrown now, not when somebody connects
  const refusal = originGuard(options)
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxPayloadBytes,
    maxFragments: 1024,
    maxBufferedChunks: 4096,
  })
  return (request, socket, head) => {
    const { origin, host } = request.headers
    const { localAddress } = request.socket
    const why = refusal({ origin, host, localAddress })
    if (why !== undefined) return refuse(socket, why)
    server.handleUpgrade(request, socket, head, (accepted) => {
      onTransport(webSocketTransport(accepted, options), request)
    })
  }
}

function refuse(socket: Duplex, why: string): void {
  // A peer that is gone already has nothing to be told.
  socket.on("error", () => {})
  // A peer that does not end its own direction would else hold the connection for ever.
  socket.once("finish", () => socket.destroy())
  const body = `Cannot connect: ${why}\n`
  const head = ["HTTP/1.1 403 Forbidden", "connection: close", "content-type: text/plain"]
  socket.end(`${head.join("\r\n")}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
}
