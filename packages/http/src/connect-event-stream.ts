import { type Fetch, fetchSameOrigin } from "./fetch-same-origin.ts"
import { HttpError, type HttpErrorCode } from "./http-error.ts"
import { discardBody, readProblem } from "./read-problem.ts"

export interface ConnectOptions {
  readonly fetch: Fetch
  readonly headers: HeadersInit
  readonly lastEventId: string
  readonly signal: AbortSignal
}

/** What one attempt to connect came to. What can never work is thrown instead. */
export type Connection =
  | { readonly type: "open"; readonly body: ReadableStream<Uint8Array> }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly cause: unknown; readonly retryAfterMs: number }

/** Answers that say "not now". */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Asks once for an event stream, after the event `lastEventId`.
 *
 * @throws {HttpError} `REFUSED` for a status that will not change, or the code of the server's own
 * problem (`LOG_REPLACED`, ...); `BAD_RESPONSE` for another content type; `BAD_REDIRECT`.
 * @throws {TypeError} for headers, or an id, that no header can hold.
 */
export async function connectEventStream(
  url: string,
  options: ConnectOptions,
): Promise<Connection> {
  // Outside of what is tried again: headers that are none will never work.
  const headers = new Headers(options.headers)
  headers.set("accept", "text/event-stream")
  if (options.lastEventId !== "") headers.set("last-event-id", toByteString(options.lastEventId))
  let response: Response
  try {
    response = await fetchSameOrigin(url, { headers, signal: options.signal }, options.fetch)
  } catch (cause) {
    if (cause instanceof HttpError) throw cause
    options.signal.throwIfAborted()
    return { type: "failed", cause, retryAfterMs: 0 }
  }
  if (response.status === 204) return { type: "done" }
  if (response.status === 200) {
    if (isEventStream(response.headers)) return { type: "open", body: response.body ?? noBytes() }
    discardBody(response)
    const type = JSON.stringify(response.headers.get("content-type") ?? "")
    throw new HttpError(
      "BAD_RESPONSE",
      `Cannot read ${url}: its content type is ${type}, want text/event-stream`,
      { status: 200 },
    )
  }
  const problem = await readProblem(response)
  const cause = refusal(url, response.status, problem.code, problem.detail)
  if (!passing.has(response.status)) throw cause
  return { type: "failed", cause, retryAfterMs: retryAfterMs(response.headers) }
}

/** The body of an answer without one: it has ended, as any other may. */
function noBytes(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() })
}

/** Seconds, or a date, which is compared with the server's own; 0 for what is neither. */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after") ?? ""
  const isSeconds = /^[0-9]+$/.test(text)
  const wait = isSeconds
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers.get("date") ?? "")
  return wait > 0 ? wait : 0
}

function refusal(
  url: string,
  status: number,
  code: HttpErrorCode | undefined,
  detail: string | undefined,
): HttpError {
  const message = detail ?? `Cannot read ${url}: the server answered ${status}`
  return new HttpError(code ?? "REFUSED", message, { status })
}

function isEventStream(headers: Headers): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";")
  return type.trim().toLowerCase() === "text/event-stream"
}

/** The standard sends an id as its UTF-8 bytes; `Headers` takes them one character a byte. */
function toByteString(text: string): string {
  let bytes = ""
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte)
  return bytes
}
