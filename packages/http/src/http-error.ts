/** What went wrong. Stable within a major version; each has a line in the README. */
export type HttpErrorCode =
  | "BAD_QUERY"
  | "BAD_OFFSET"
  | "FORBIDDEN"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "LOG_REPLACED"
  | "OFFSET_TRIMMED"
  | "OFFSET_PAST_TAIL"
  | "NOT_JSON"
  | "INTERNAL"
  | "REFUSED"
  | "BAD_RESPONSE"
  | "BAD_REDIRECT"
  | "OUT_OF_ORDER"
  | "GAVE_UP"

/** What an `HttpError` carries besides its code and message. */
export interface HttpErrorOptions extends ErrorOptions {
  /** The HTTP status that the fault was or will be answered with. */
  readonly status?: number
}

/**
 * A fault of the log over HTTP, on either side of the wire.
 *
 * A handler answers it as a problem (RFC 9457) with the same `code`; a client that reads such a
 * problem throws it with the `code` and `status` that the server gave.
 *
 * @example Tell a log that was replaced from a network that is down
 * ```ts
 * import assert from "node:assert/strict"
 * import { HttpError } from "@bellmouth/http"
 *
 * const error: unknown = new HttpError("LOG_REPLACED", "Cannot resume: the log is another one", {
 *   status: 410,
 * })
 * assert(error instanceof HttpError && error.code === "LOG_REPLACED" && error.status === 410)
 * ```
 */
export class HttpError extends Error {
  readonly code: HttpErrorCode
  readonly status: number | undefined

  constructor(code: HttpErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(message, options)
    this.name = "HttpError"
    this.code = code
    this.status = options.status
  }
}
