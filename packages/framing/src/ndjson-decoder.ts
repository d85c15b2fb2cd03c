import { assertBytes } from "./assert-bytes.ts"
import { checkLimit } from "./check-limit.ts"
import { type ErrorPolicy, reporter } from "./error-policy.ts"
import type { FramingError, FramingErrorCode } from "./framing-error.ts"
import type { IncrementalDecoder } from "./incremental-decoder.ts"
import { exceedsDepth } from "./json-depth.ts"
import { lineError } from "./line-error.ts"
import { type LineSink, LineSplitter } from "./line-splitter.ts"

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
   * before the line is parsed. `Infinity` switches it off.
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
  readonly #lines: LineSplitter
  readonly #maxDepth: number
  readonly #refuseBlank: boolean
  readonly #requireFinalNewline: boolean
  readonly #parse: (text: string) => T
  readonly #report: (error: FramingError) => void
  #emit: (record: T) => void = ignore
  #records = 0

  constructor(options: NdjsonDecoderOptions<T> = {}) {
    const sink: LineSink = {
      line: (text) => {
        if (text !== "" || this.#refuseBlank) this.#line(text)
      },
      bad: (code, start, cause) => this.#fail(code, start, cause),
    }
    const maxLineBytes = checkLimit("maxLineBytes", options.maxLineBytes, 1_048_576)
    this.#lines = new LineSplitter(sink, maxLineBytes, options.fatal ?? true)
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth, 128)
    this.#refuseBlank = options.blankLines === "error"
    this.#requireFinalNewline = options.requireFinalNewline ?? false
    this.#parse = options.parse ?? JSON.parse
    this.#report = reporter(options.onError)
  }

  /** Takes one chunk and emits every record whose line it completes. */
  push(chunk: Uint8Array, emit: (record: T) => void): void {
    assertBytes(chunk)
    this.#emit = emit
    this.#lines.push(chunk)
  }

  /** Says that no chunk follows: decodes a last line that has no line feed. */
  finish(emit: (record: T) => void): void {
    this.#emit = emit
    const line = this.#lines.finish()
    if (line === undefined) return
    if (this.#requireFinalNewline && !isBlank(line)) this.#fail("UNTERMINATED", line, undefined)
    else this.#line(line)
  }

  #line(text: string): void {
    if (exceedsDepth(text, this.#maxDepth)) {
      this.#fail("TOO_DEEP", text, undefined)
      return
    }
    let record: T
    try {
      record = this.#parse(text)
    } catch (cause) {
      if (!isBlank(text)) this.#fail("INVALID_JSON", text, cause)
      else if (this.#refuseBlank) this.#fail("BLANK_LINE", text, undefined)
      return
    }
    this.#records += 1
    this.#emit(record)
  }

  #fail(code: FramingErrorCode, text: string, cause: unknown): void {
    const record = this.#records + 1
    if (code !== "BLANK_LINE") this.#records = record
    const line = this.#lines.lines
    const byteOffset = this.#lines.start()
    this.#report(lineError("NDJSON", code, { record, line, byteOffset, text, cause }))
  }
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line)
}

function ignore(): void {}
