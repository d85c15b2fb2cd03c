import type { IncomingMessage, ServerResponse } from "node:http"
import { AdapterError } from "./adapter-error.ts"
import { RequestBody } from "./request-body.ts"
import { sendResponse } from "./send-response.ts"
import { toRequest } from "./to-request.ts"

/** What any runtime with `fetch` types can mount. */
export type RequestHandler = (request: Request) => Response | Promise<Response>

/** What `toNodeHandler` takes. */
export interface NodeHandlerOptions {
  /** Called with what a handler threw and what broke a body. Default `console.error`. */
  readonly onError?: (error: unknown) => void
  /** Ends event streams in flight; `serve()` aborts it when it closes. */
  readonly shutdown?: AbortSignal
}

/**
 * Makes a `node:http` request listener of a handler from `Request` to `Response`.
 *
 * `request.signal` aborts when the client disconnects before the response has ended, and the
 * response's body is cancelled, also while it is idle. A handler that throws, or whose response can
 * not be sent, is answered with 500 and no detail; a body that fails cuts the connection. What is not
 * read of a request's body when its response has ended is dropped.
 *
 * @example Mount a handler on a server of your own
 * ```ts
 * import assert from "node:assert/strict"
 * import { once } from "node:events"
 * import { createServer } from "node:http"
 * import { toNodeHandler } from "@bellmouth/node"
 *
 * const server = createServer(toNodeHandler((request) => new Response(new URL(request.url).pathname)))
 * server.listen(0, "127.0.0.1")
 * await once(server, "listening")
 * const address = server.address()
 * assert(typeof address === "object" && address !== null)
 * const response = await fetch(`http://127.0.0.1:${address.port}/hello`)
 * assert.equal(await response.text(), "/hello")
 * server.close()
 * server.closeAllConnections()
 * ```
 */
export function toNodeHandler(
  handler: RequestHandler,
  options: NodeHandlerOptions = {},
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  // oxlint-disable-next-line no-console -- A fault that nobody asked for must still be seen.
  const onError = options.onError ?? ((error) => console.error(error))
  const shutdown = options.shutdown ?? new AbortController().signal
  return (incoming, outgoing) => {
    respond(handler, incoming, outgoing, shutdown).catch((error: unknown) => {
      // A client that left is the end of its request, not a fault of the server.
      if (!isDisconnect(error)) onError(error)
    })
  }
}

/**
 * The requests that are being answered. Node's `Request` follows the signal that it was made with by
 * a weak reference: were it collected, a listener on `request.signal` would wait for ever.
 */
const inFlight = new Set<Request>()

async function respond(
  handler: RequestHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  shutdown: AbortSignal,
): Promise<void> {
  const disconnect = new AbortController()
  outgoing.once("close", () => {
    if (outgoing.writableFinished) return
    disconnect.abort(
      new AdapterError("CONNECTION_CLOSED", "Cannot send the response: the client disconnected"),
    )
  })
  const { method = "GET" } = incoming
  if (unservable.has(method)) return refuse(outgoing, 501)
  const body = method === "GET" || method === "HEAD" ? undefined : new RequestBody(incoming)
  let request: Request | undefined
  try {
    request = toRequest(incoming, { body: body?.readable, signal: disconnect.signal })
    inFlight.add(request)
    const response = await handler(request)
    await sendResponse(response, outgoing, { headOnly: method === "HEAD", shutdown })
  } catch (error) {
    const isBadRequest = error instanceof AdapterError && error.code === "BAD_REQUEST"
    // Not even the headers have left: neither the handler nor its response was of use.
    if (!outgoing.headersSent) refuse(outgoing, isBadRequest ? 400 : 500)
    if (!isBadRequest) throw error
  } finally {
    if (request !== undefined) inFlight.delete(request)
    body?.discard()
  }
}

/** A `Request` can not have these methods. */
const unservable = new Set(["CONNECT", "TRACE", "TRACK"])

const refusals = { 400: "Bad request", 500: "Internal error", 501: "Not implemented" } as const

function refuse(outgoing: ServerResponse, status: keyof typeof refusals): void {
  outgoing.writeHead(status, { "content-type": "text/plain", "x-content-type-options": "nosniff" })
  outgoing.end(`${refusals[status]}\n`)
}

function isDisconnect(error: unknown): boolean {
  return error instanceof AdapterError && error.code === "CONNECTION_CLOSED"
}
