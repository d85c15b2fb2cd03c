import { once } from "node:events"
import { type ServerResponse, STATUS_CODES } from "node:http"
import { setImmediate } from "node:timers/promises"
import { AdapterError } from "./adapter-error.ts"

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
 * is cancelled at once, also while it is idle. A body that fails after the headers, or is not as long as
 * they say, cuts the connection, so that the client can not take a part for the whole.
 *
 * @throws {TypeError} | {RangeError} for what is no response that can be sent: nothing was written.
 * @throws {AdapterError} `LENGTH_MISMATCH`
 * @throws the body's own error, after the connection was cut.
 */
export async function sendResponse(
  response: Response,
  outgoing: ServerResponse,
  options: SendResponseOptions,
): Promise<void> {
  // Before anything is written: a body that was used already makes no response.
  const reader = response.body?.getReader()
  try {
    await send(response, reader, outgoing, options)
  } catch (error) {
    cancel(reader, error)
    if (outgoing.headersSent && !outgoing.writableEnded) outgoing.destroy()
    throw error
  }
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array>

async function send(
  { status, statusText, headers }: Response,
  reader: BodyReader | undefined,
  outgoing: ServerResponse,
  { headOnly, shutdown }: SendResponseOptions,
): Promise<void> {
  const isBodiless = headOnly || status === 204 || status === 304
  const length = isBodiless ? null : headers.get("content-length")
  if (reader === undefined) checkLength(0, length)
  outgoing.writeHead(status, statusText || STATUS_CODES[status], flatHeaders(headers))
  if (headOnly || reader === undefined) {
    outgoing.end()
    await reader?.cancel()
    return
  }
  outgoing.flushHeaders()
  const onClose = (): void => cancel(reader, outgoing.errored ?? undefined)
  const onShutdown = (): void => cancel(reader)
  const isEventStream = headers.get("content-type")?.startsWith("text/event-stream")
  outgoing.once("close", onClose)
  if (isEventStream === true) shutdown.addEventListener("abort", onShutdown)
  try {
    if (outgoing.destroyed) onClose()
    if (isEventStream === true && shutdown.aborted) onShutdown()
    await pump(reader, outgoing, length)
    outgoing.end()
  } finally {
    shutdown.removeEventListener("abort", onShutdown)
    outgoing.off("close", onClose)
  }
}

async function pump(
  reader: BodyReader,
  outgoing: ServerResponse,
  length: string | null,
): Promise<void> {
  let sent = 0
  let turnBegan = performance.now()
  while (true) {
    const { done, value } = await reader.read()
    if (outgoing.destroyed) return
    if (done) return checkLength(sent, length)
    sent += value.byteLength
    if (sent > Number(length ?? Infinity)) checkLength(sent, length)
    const hasRoom = outgoing.write(value)
    if (!hasRoom) await drained(outgoing)
    // A body that is always ready and a client that is always fast would else never let the event
    // loop turn, so that not even a disconnect could be seen.
    else if (performance.now() - turnBegan > maxTurnMs) await setImmediate()
    else continue
    turnBegan = performance.now()
  }
}

/** What is too much would be read as the next response, and what is missing would be waited for. */
function checkLength(sent: number, length: string | null): void {
  if (length === null || sent === Number(length)) return
  const most = sent > Number(length) ? "at least " : ""
  const state = `its body has ${most}${sent} bytes, and its content-length says ${length}`
  throw new AdapterError(
    "LENGTH_MISMATCH",
    `Cannot send the response: ${state}; correct that header, or leave it out`,
  )
}

function cancel(reader: BodyReader | undefined, reason?: unknown): void {
  // A failure to cancel a body that nobody reads any more has no one left to tell.
  reader?.cancel(reason).catch(() => {})
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
