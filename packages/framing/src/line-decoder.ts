import { checkLimit } from "./check-limit.ts"
import { type ErrorPolicy, reporter } from "./error-policy.ts"
import type { FramingError, FramingErrorCode } from "./framing-error.ts"
import type { IncrementalDecoder } from "./incremental-decoder.ts"
import { lineError } from "./line-error.ts"
import { type LineSplitter, lineSplitter } from "./line-splitter.ts"

/**
 * How a {@link LineDecoder} reads.
 *
 * @example Refuse a torn last line
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeLines, type LineDecoderOptions } from "@bellmouth/framing"
 *
 * const options: LineDecoderOptions = { requireFinalNewline: true }
 * const bytes = new TextEncoder().encode("a\nto")
 * assert.throws(() => decodeLines(bytes, options), { code: "UNTERMINATED", line: 2 })
 * ```
 */
export interface LineDecoderOptions {
  /**
   * The most bytes of one line without its line feed; default 1,048,576. A longer line is a
   * `LINE_TOO_LONG` error as soon as the byte past the limit is seen. `Infinity` switches it off.
   */
  readonly maxLineBytes?: number | undefined
  /** Whether a last line without line feed is an `UNTERMINATED` error; default `false`. */
  readonly requireFinalNewline?: boolean | undefined
  /** Whether invalid UTF-8 is an `INVALID_UTF8` error (default) or becomes U+FFFD (`false`). */
  readonly fatal?: boolean | undefined
  /** What happens at a bad line; default `"throw"`. */
  readonly onError?: ErrorPolicy | undefined
}

/**
 * Decodes UTF-8 bytes into lines of text, without their LF or CRLF.
 *
 * Empty lines are given; a lone CR, U+0085, U+2028 and U+2029 end no line. One leading BOM is
 * removed. What is held is one unfinished line. Throws or reports a {@link FramingError} with
 * `line`, `byteOffset` and `excerpt`, after all earlier lines.
 *
 * @example Decode lines that are cut
 * ```ts
 * import assert from "node:assert/strict"
 * import { LineDecoder } from "@bellmouth/framing"
 *
 * const lines: string[] = []
 * const keep = (line: string) => lines.push(line)
 * const decoder = new LineDecoder()
 * for (const text of ["a\r", "\nb", "c"]) decoder.push(new TextEncoder().encode(text), keep)
 * decoder.finish(keep)
 * assert.deepEqual(lines, ["a", "bc"])
 * ```
 */
export class LineDecoder implements IncrementalDecoder<string> {
  readonly #lines: LineSplitter
  readonly #requireFinalNewline: boolean
  readonly #report: (error: FramingError) => void
  #emit: (line: string) => void = () => {}

  constructor(options: LineDecoderOptions = {}) {
    const maxLineBytes = checkLimit(options, "maxLineBytes", 1_048_576)
    const sink = {
      line: (text: string, ended: boolean) => this.#line(text, ended),
      bad: (code: FramingErrorCode, start: string, cause?: unknown) =>
        this.#fail(code, start, cause),
    }
    this.#lines = lineSplitter(sink, maxLineBytes, options.fatal ?? true)
    this.#requireFinalNewline = options.requireFinalNewline ?? false
    this.#report = reporter(options.onError)
  }

  /** Takes one chunk and emits every line that it completes. */
  push(chunk: Uint8Array, emit: (line: string) => void): void {
    this.#emit = emit
    this.#lines.push(chunk)
  }

  /** Says that no chunk follows: gives or refuses a last line that has no line feed. */
  finish(emit: (line: string) => void): void {
    this.#emit = emit
    this.#lines.finish()
  }

  #line(text: string, ended: boolean): void {
    if (!ended && this.#requireFinalNewline) this.#fail("UNTERMINATED", text, undefined)
    else this.#emit(ended && text.endsWith("\r") ? text.slice(0, -1) : text)
  }

  #fail(code: FramingErrorCode, text: string, cause: unknown): void {
    this.#report(lineError("text", code, text, { ...this.#lines.place(), cause }))
  }
}
