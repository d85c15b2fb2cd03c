import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { Socket } from "node:net"
import { AdapterError, systemErrorCode } from "./adapter-error.ts"
import { type RequestHandler, toNodeHandler } from "./to-node-handler.ts"

/** What `serve` takes. */
export interface ServeOptions {
  /** 0 takes any free port. Default 4437. */
  readonly port?: number
  /** The address to listen on. Default `127.0.0.1`: this machine only. */
  readonly hostname?: string
  /** How long `close()` lets responses finish that are not event streams, in milliseconds. Default 5,000. */
  readonly graceMs?: number
  /** Called with what a handler threw and what broke a body. Default `console.error`. */
  readonly onError?: (error: unknown) => void
}

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  /** Where it is reached, with a slash at the end. */
  readonly url: string
  readonly port: number
  /** Ends event streams at once and lets other responses finish; settles when all is closed. */
  close(): Promise<void>
}

/**
 * Serves a handler over `node:http`.
 *
 * @throws {AdapterError} `PORT_IN_USE`, `PORT_REFUSED` or `LISTEN_FAILED`.
 * @throws {TypeError} for an empty `hostname`, which Node would take for every address.
 *
 * @example Serve one response and close
 * ```ts
 * import assert from "node:assert/strict"
 * import { serve } from "@bellmouth/node"
 *
 * await using server = await serve(() => new Response("hello"), { port: 0 })
 * assert.equal(await (await fetch(server.url)).text(), "hello")
 * ```
 */
export async function serve(
  handler: RequestHandler,
  options: ServeOptions = {},
): Promise<RunningServer> {
  const { port = 4437, hostname = "127.0.0.1", graceMs = 5_000 } = options
  if (hostname === "") {
    throw new TypeError(
      'Cannot listen on "": want an address, such as 127.0.0.1, or 0.0.0.0 for all',
    )
  }
  const shutdown = new AbortController()
  const listener = toNodeHandler(handler, {
    shutdown: shutdown.signal,
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  })
  // Node takes a connection on which nothing was asked yet, as browsers open in advance, for a busy one.
  const silent = new Set<Socket>()
  const server = createServer((incoming, outgoing) => {
    silent.delete(incoming.socket)
    // A connection that was busy when the server closed would else wait for a next request.
    outgoing.once("close", () => {
      if (shutdown.signal.aborted) setImmediate(() => server.closeIdleConnections())
    })
    listener(incoming, outgoing)
  })
  server.on("connection", (socket) => {
    silent.add(socket)
    socket.once("close", () => silent.delete(socket))
  })
  shutdown.signal.addEventListener("abort", () => {
    for (const socket of silent) socket.destroy()
  })
  const boundPort = await listen(server, port, hostname)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= closeServer(server, shutdown, graceMs)
    return closed
  }
  return {
    url: `http://${displayName(hostname)}:${boundPort}/`,
    port: boundPort,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function listen(server: Server, port: number, hostname: string): Promise<number> {
  server.listen(port, hostname)
  try {
    await once(server, "listening")
  } catch (cause) {
    throw toListenError(cause, port, hostname)
  }
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : port
}

async function closeServer(
  server: Server,
  shutdown: AbortController,
  graceMs: number,
): Promise<void> {
  const closed = once(server, "close")
  server.close()
  shutdown.abort()
  // A timer that is to wait longer goes off at once.
  const timer = setTimeout(() => server.closeAllConnections(), Math.min(graceMs, 2 ** 31 - 1))
  await closed
  clearTimeout(timer)
}

const unlistenable: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "no host of that name is known"],
  ["EADDRNOTAVAIL", "this machine does not have that address"],
])

function toListenError(cause: unknown, port: number, hostname: string): AdapterError {
  const place = `${displayName(hostname)}:${port}`
  const code = systemErrorCode(cause)
  if (code === "EADDRINUSE") {
    const message = `Cannot listen on ${place}: the port is in use; stop what uses it or choose another`
    return new AdapterError("PORT_IN_USE", message, { cause })
  }
  if (code === "EACCES") {
    const message = `Cannot listen on ${place}: no permission; choose a port from 1024`
    return new AdapterError("PORT_REFUSED", message, { cause })
  }
  const state = code === undefined ? "the system refused" : (unlistenable.get(code) ?? code)
  const message = `Cannot listen on ${place}: ${state}; choose another hostname`
  return new AdapterError("LISTEN_FAILED", message, { cause })
}

/** A name for a URL: an IPv6 address in brackets, and "this machine" for "every address". */
function displayName(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "localhost"
  return hostname.includes(":") ? `[${hostname}]` : hostname
}
