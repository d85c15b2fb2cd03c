/**
 * Why a stream primitive failed.
 *
 * - `LIMIT_EXCEEDED`: a limit that the caller set, or its default, was passed.
 * - `OVERFLOW`: a push source gave more than its queue may hold.
 * - `SLOW_BRANCH`: a branch of a broadcast fell too far behind.
 * - `TRUNCATED`: the stream ended before what was asked for.
 * - `TIMEOUT`: nothing came in time.
 */
export type StreamErrorCode =
  | "LIMIT_EXCEEDED"
  | "OVERFLOW"
  | "SLOW_BRANCH"
  | "TRUNCATED"
  | "TIMEOUT"

/** The cause and the fields of a {@link StreamError}. */
export interface StreamErrorOptions extends ErrorOptions {
  readonly have?: number
  readonly want?: number
}

/**
 * The error of every fault that this package itself finds. Codes are stable, messages are not.
 *
 * Errors thrown in a user's callback are never wrapped in it: they keep their identity.
 *
 * @example A limit
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, StreamError, toArray } from "@bellmouth/core"
 *
 * const error = await toArray(from([1, 2, 3]), { maxChunks: 2 }).catch((error) => error)
 * assert(error instanceof StreamError)
 * assert.equal(error.code, "LIMIT_EXCEEDED")
 * ```
 */
export class StreamError extends Error {
  override readonly name = "StreamError"
  readonly code: StreamErrorCode
  /** `TRUNCATED`: how many bytes there were. */
  readonly have: number | undefined
  /** `TRUNCATED`: how many bytes were asked for; undefined when that was not known in advance. */
  readonly want: number | undefined

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.have = options.have
    this.want = options.want
  }
}
