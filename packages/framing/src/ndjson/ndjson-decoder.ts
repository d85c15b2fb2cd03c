import { checkLimit } from "@bellmouth/core"
import { linesParser } from "#lines-parser"
import type { ErrorPolicy } from "../error-policy.ts"
import { exceedsDepth } from "../json/json-depth.ts"
import { lineSplitter } from "../lines/line-splitter.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"

/**
 * How an {@link NdjsonDecoder} reads.
 *
 * @example Keep numbers past 2^53 as text
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeNdjson, type NdjsonDecoderOptions } from "@bellmouth/framing"
 *
 * const options: NdjsonDecoderOptions<unknown> = {
 *   maxLineBytes: 64,
 *   parse: (text) => (/^\d{16,}$/.test(text) ? BigInt(text) : JSON.parse(text)),
 * }
 * const bytes = new TextEncoder().encode("9007199254740993\n1\n")
 * assert.deepEqual(decodeNdjson(bytes, options), [9007199254740993n, 1])
 * ```
 */
export interface NdjsonDecoderOptions<T = unknown> {
  /**
   * The most bytes of one line without its line feed; default 1,048,576. A longer line is a
   * `LINE_TOO_LONG` error as soon as the byte past the limit is seen. `Infinity` switches it off.
   */
  readonly maxLineBytes?: number | undefined
  /**
   * How deep arrays and objects may nest; default 128. A deeper line is a `TOO_DEEP` error, found
   * before the line is parsed. `Infinity` switches it off. It is exact for JSON only: what `parse`
   * takes beyond it, such as keys without quotes, may be deeper.
   */
  readonly maxDepth?: number | undefined
  /** What an empty or white-space-only line is: skipped (default) or a `BLANK_LINE` error. */
  readonly blankLines?: "skip" | "error" | undefined
  /**
   * Whether a last line without line feed is an `UNTERMINATED` error; default `false`. Set it
   * where the end may be torn: `123` may have been `12345`.
   */
  readonly requireFinalNewline?: boolean | undefined
  /** Whether invalid UTF-8 is an `INVALID_UTF8` error (default) or becomes U+FFFD (`false`). */
  readonly fatal?: boolean | undefined
  /**
   * Parses one line; default `JSON.parse`. Give your own for numbers past 2^53. What it throws
   * becomes the cause of an `INVALID_JSON` error.
   */
  readonly parse?: ((text: string) => T) | undefined
  /** What happens at a bad record; default `"throw"`. */
  readonly onError?: ErrorPolicy | undefined
}

/**
 * Decodes NDJSON, also known as JSON Lines: bytes in, one value for each line out.
 *
 * A line ends with LF (CRLF works too: the CR is white space); a lone CR never ends a line. One
 * leading BOM is removed. What is held between chunks is one unfinished line, at most
 * `maxLineBytes`. The cost is linear in the bytes, however they are cut. `T` is what `parse`
 * gives; without `parse` it is your claim about the input.
 *
 * Throws a {@link FramingError} with `code`, `record`, `line`, `byteOffset` and `excerpt`, after
 * every earlier record was emitted.
 *
 * Source: ndjson-spec 1.0.0, jsonlines.org, RFC 8259.
 *
 * @example Decode chunks as they come
 * ```ts
 * import assert from "node:assert/strict"
 * import { NdjsonDecoder } from "@bellmouth/framing"
 *
 * const records: unknown[] = []
 * const keep = (record: unknown) => records.push(record)
 * const decoder = new NdjsonDecoder()
 * for (const text of ['{"a":1}\n{"b"', ":2}\n"]) decoder.push(new TextEncoder().encode(text), keep)
 * decoder.finish(keep)
 * assert.deepEqual(records, [{ a: 1 }, { b: 2 }])
 * ```
 */
export class NdjsonDecoder<T = unknown> implements IncrementalDecoder<T> {
  /** Takes one chunk and emits every record whose line it completes. */
  declare readonly push: (chunk: Uint8Array, emit: (record: T) => void) => void
  /** Says that no chunk follows: decodes a last line that has no line feed. */
  declare readonly finish: (emit: (record: T) => void) => void

  constructor(options?: NdjsonDecoderOptions<T>) {
    const { push, finish } = ndjsonDecoder(options)
    this.push = push
    this.finish = finish
  }
}

/** Makes a {@link NdjsonDecoder}, but for its class, which a stage has no use for. */
export function ndjsonDecoder<T>(options: NdjsonDecoderOptions<T> = {}): IncrementalDecoder<T> {
  const maxDepth = checkLimit("maxDepth", options.maxDepth ?? 128)
  const { blankLines, requireFinalNewline, parse = JSON.parse } = options
  const lines = lineSplitter<T>("NDJSON", options, line, linesParser<T>(options, maxDepth))
  const { fail } = lines
  return lines

  function line(text: string, ended: boolean, emit: (record: T) => void): void {
    // The first unit, if not a space or less, spares most lines the rest.
    if (!(text.charCodeAt(0) > 32) && /^[ \t\r]*$/.test(text)) {
      if (blankLines === "error") fail("BLANK_LINE", 'blank; blankLines: "skip" allows it', text)
      lines.blank += 1
    } else if (!ended && requireFinalNewline) fail("UNTERMINATED", "not ended by a line feed", text)
    else if (exceedsDepth(text, maxDepth, lines.bytes))
      fail("TOO_DEEP", "deeper than maxDepth", text)
    else {
      let record: T
      try {
        record = parse(text)
      } catch (cause) {
        fail("INVALID_JSON", `not JSON (${cause})`, text, { cause })
        return
      }
      emit(record)
    }
  }
}
