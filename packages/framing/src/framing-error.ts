/**
 * What a {@link FramingError} is about. Stable within a major version; messages are not.
 *
 * @example Count faults by code
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeNdjson, type FramingErrorCode } from "@bellmouth/framing"
 *
 * const codes: FramingErrorCode[] = []
 * const bytes = new TextEncoder().encode("1\nnope\n")
 * decodeNdjson(bytes, { onError: ({ code }) => codes.push(code) })
 * assert.deepEqual(codes, ["INVALID_JSON"])
 * ```
 */
export type FramingErrorCode =
  | "BLANK_LINE"
  | "ELEMENT_TOO_LARGE"
  | "EVENT_TOO_LARGE"
  | "FRAME_TOO_LARGE"
  | "INVALID_JSON"
  | "INVALID_LENGTH"
  | "INVALID_UTF8"
  | "LINE_TOO_LONG"
  | "NO_VALUE"
  | "TOO_DEEP"
  | "TRUNCATED"
  | "UNTERMINATED"
  | "VALUE_TOO_LARGE"

/**
 * Where a {@link FramingError} happened. Every field is optional.
 *
 * @example Make an error of your own decoder
 * ```ts
 * import assert from "node:assert/strict"
 * import { FramingError, type FramingErrorOptions } from "@bellmouth/framing"
 *
 * const place: FramingErrorOptions = { record: 2, byteOffset: 17 }
 * const error = new FramingError("TRUNCATED", "Cannot decode block 2: 3 of 8 bytes came", place)
 * assert.deepEqual([error.code, error.record, error.byteOffset], ["TRUNCATED", 2, 17])
 * ```
 */
export interface FramingErrorOptions {
  readonly record?: number | undefined
  readonly line?: number | undefined
  readonly byteOffset?: number | undefined
  readonly excerpt?: string | undefined
  readonly cause?: unknown
}

/**
 * The one error that decoders of this package throw for bad input.
 *
 * Wrong arguments are a `TypeError` or a `RangeError` instead. What was decoded before the bad
 * place has already been handed out when this error is thrown.
 *
 * @example Ask an error where the bad record is
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeNdjson, FramingError } from "@bellmouth/framing"
 *
 * const bytes = new TextEncoder().encode("1\n2\n3\nnope\n")
 * assert.throws(
 *   () => decodeNdjson(bytes),
 *   (error) =>
 *     error instanceof FramingError &&
 *     error.code === "INVALID_JSON" &&
 *     error.line === 4 &&
 *     error.byteOffset === 6 &&
 *     error.excerpt === "nope",
 * )
 * ```
 */
export class FramingError extends Error {
  override readonly name: string = "FramingError"
  /** What is wrong, stable within a major version. */
  declare readonly code: FramingErrorCode
  /** Which record, event, element or frame, counted from 1; blank lines do not count. */
  declare readonly record: number | undefined
  /** Which line, counted from 1; blank lines count. Only for formats made of lines. */
  declare readonly line: number | undefined
  /** Where the bad line, value or frame begins, in bytes from the start of the stream. */
  declare readonly byteOffset: number | undefined
  /** The start of the bad text, at most 64 UTF-16 units. */
  declare readonly excerpt: string | undefined

  constructor(code: FramingErrorCode, message: string, options?: FramingErrorOptions) {
    super(message, options)
    Object.assign(this, options, { code })
  }
}
