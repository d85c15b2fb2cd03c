import { HttpError, type HttpErrorCode } from "./http-error.ts"

const statusOf: { readonly [code in HttpErrorCode]?: number } = {
  BAD_QUERY: 400,
  BAD_OFFSET: 400,
  FORBIDDEN: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  NOT_JSON: 406,
  LOG_REPLACED: 410,
  OFFSET_TRIMMED: 410,
  OFFSET_PAST_TAIL: 416,
}

/**
 * Answers a fault as an RFC 9457 problem: `{ title, status, code, detail }`.
 *
 * Only what was written for the client leaves the server: an error of another kind is answered as
 * `INTERNAL`, without its message, stack or path.
 */
export function problem(fault: HttpError, headers: Record<string, string> = {}): Response {
  const status = statusOf[fault.code]
  const isPublic = status !== undefined
  const body = {
    title: isPublic ? titleOf(fault.code) : "Internal error",
    status: status ?? 500,
    code: isPublic ? fault.code : ("INTERNAL" satisfies HttpErrorCode),
    detail: isPublic ? fault.message : "Cannot serve the log: see the server's error report",
  }
  return new Response(`${JSON.stringify(body)}\n`, {
    status: body.status,
    headers: {
      ...headers,
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  })
}

/** Whether `problem()` would answer this error with its own message. */
export function isAnswerable(error: unknown): error is HttpError {
  return error instanceof HttpError && statusOf[error.code] !== undefined
}

function titleOf(code: HttpErrorCode): string {
  const words = code.toLowerCase().replaceAll("_", " ")
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
