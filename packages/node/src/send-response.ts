import { once } from "node:events"
import { type ServerResponse, STATUS_CODES } from "node:http"
import { setImmediate } from "node:timers/promises"

/** They speak about one connection, which is the server's business and forbidden in HTTP/2. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
])

/** How long one response may keep the event loop to itself. */
const maxTurnMs = 5

export interface SendResponseOptions {
  /** Whether the request was a HEAD: the body is cancelled and only the headers are sent. */
  readonly headOnly: boolean
  /** Ends an event stream between two of its chunks, as a server does that shuts down. */
  readonly shutdown: AbortSignal
}

/**
 * Writes a standard `Response` to a `node:http` response.
 *
 * A chunk is read only when the connection took the one before. When the client goes away the body
 * is cancelled at once, also while it is idle. A body that fails after the headers cuts the
 * connection, so that the client can not take a part for the whole.
 *
 * @throws {TypeError} | {RangeError} for what is no response that can be sent: nothing was written.
 * @throws the body's own error, after the connection was cut.
 */
export async function sendResponse(
  response: Response,
  outgoing: ServerResponse,
  options: SendResponseOptions,
): Promise<void> {
  const { status, headers, body } = response
  // Before anything is written: a body that was used already makes no response.
  const reader = body?.getReader()
  outgoing.writeHead(status, response.statusText || STATUS_CODES[status], flatHeaders(headers))
  if (options.headOnly || reader === undefined) {
    outgoing.end()
    await reader?.cancel()
    return
  }
  outgoing.flushHeaders()
  const cancel = (): void => {
    // A failure to cancel a body that nobody reads any more has no one left to tell.
    reader.cancel(outgoing.errored ?? undefined).catch(() => {})
  }
  const isEventStream = headers.get("content-type")?.startsWith("text/event-stream")
  outgoing.once("close", cancel)
  if (isEventStream === true) options.shutdown.addEventListener("abort", cancel)
  try {
    if (outgoing.destroyed || (isEventStream === true && options.shutdown.aborted)) cancel()
    await pump(reader, outgoing)
    outgoing.end()
  } catch (error) {
    outgoing.destroy()
    throw error
  } finally {
    options.shutdown.removeEventListener("abort", cancel)
    outgoing.off("close", cancel)
  }
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  outgoing: ServerResponse,
): Promise<void> {
  let turnBegan = performance.now()
  while (true) {
    const { done, value } = await reader.read()
    if (done || outgoing.destroyed) return
    const hasRoom = outgoing.write(value)
    if (!hasRoom) await drained(outgoing)
    // A body that is always ready and a client that is always fast would else never let the event
    // loop turn, so that not even a disconnect could be seen.
    else if (performance.now() - turnBegan > maxTurnMs) await setImmediate()
    else continue
    turnBegan = performance.now()
  }
}

/** Settles when there is room again, or when the connection is gone. */
async function drained(outgoing: ServerResponse): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    await Promise.race([once(outgoing, "drain", { signal }), once(outgoing, "close", { signal })])
  } catch {
    // `once` rejects with the connection's error: the loop sees that it is destroyed and stops.
  } finally {
    settled.abort()
  }
}

function flatHeaders(headers: Headers): string[] {
  const flat: string[] = []
  for (const [name, value] of headers) {
    if (!hopByHop.has(name)) flat.push(name, value)
  }
  return flat
}
