/** What went wrong. Stable within a major version; each has a line in the README. */
export type AdapterErrorCode =
  | "BAD_REQUEST"
  | "PORT_IN_USE"
  | "PORT_REFUSED"
  | "LISTEN_FAILED"
  | "CONNECTION_CLOSED"
  | "RESPONSE_ENDED"
  | "LENGTH_MISMATCH"
  | "FILE_UNREADABLE"

/**
 * A fault at the border between Node.js and Web Streams. `cause` is Node's own error.
 *
 * @example Take another port when one is in use
 * ```ts
 * import assert from "node:assert/strict"
 * import { AdapterError, serve } from "@bellmouth/node"
 *
 * await using first = await serve(() => new Response("first"), { port: 0 })
 * const error = await serve(() => new Response(), { port: first.port }).catch((reason) => reason)
 * assert(error instanceof AdapterError && error.code === "PORT_IN_USE")
 * ```
 */
export class AdapterError extends Error {
  readonly code: AdapterErrorCode

  constructor(code: AdapterErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = "AdapterError"
    this.code = code
  }
}

/** The code of a Node.js system error such as `EPIPE`, or `undefined` for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined
  return typeof error.code === "string" ? error.code : undefined
}

/**
 * Whether an error says that nobody reads any more, as when `head` ends a shell pipeline.
 *
 * @example End quietly when the reader is gone
 * ```ts
 * import assert from "node:assert/strict"
 * import { isBrokenPipe } from "@bellmouth/node"
 *
 * assert(isBrokenPipe(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })))
 * assert(!isBrokenPipe(new Error("disk on fire")))
 * ```
 */
export function isBrokenPipe(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "EOF"
}
