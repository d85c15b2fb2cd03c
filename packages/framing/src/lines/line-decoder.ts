import type { ErrorPolicy } from "../error-policy.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { lineSplitter } from "./line-splitter.ts"

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
 * `line`, `record` (the same number), `byteOffset` and `excerpt`, after all earlier lines.
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
  /** Takes one chunk and emits every line that it completes. */
  readonly push: (chunk: Uint8Array, emit: (line: string) => void) => void
  /** Says that no chunk follows: gives or refuses a last line that has no line feed. */
  readonly finish: (emit: (line: string) => void) => void

  constructor(options: LineDecoderOptions = {}) {
    const lines = lineSplitter<string>("text", options, (text, ended, emit) => {
      if (!ended && options.requireFinalNewline)
        lines.fail("UNTERMINATED", "not ended by a line feed", text)
      else emit(ended && text.endsWith("\r") ? text.slice(0, -1) : text)
    })
    this.push = lines.push
    this.finish = lines.finish
  }
}
