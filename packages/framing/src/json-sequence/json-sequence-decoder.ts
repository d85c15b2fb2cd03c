import { checkLimit } from "@bellmouth/core"
import { type ErrorPolicy, reporter } from "../error-policy.ts"
import { excerptOf } from "../excerpt.ts"
import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import { JsonScanner } from "../json/json-scanner.ts"
import {
  type LineSplitter,
  type LineSplitterOptions,
  lineSplitter,
} from "../lines/line-splitter.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { TextCarry } from "../utf8/text-carry.ts"
import { utf8Length } from "../utf8/utf8-length.ts"

/**
 * How a {@link JsonSequenceDecoder} reads.
 *
 * @example Go on after a bad element
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJsonSequence, type JsonSequenceDecoderOptions } from "@bellmouth/framing"
 *
 * const options: JsonSequenceDecoderOptions = { onError: "skip" }
 * const bytes = new TextEncoder().encode("\x1enope\n\x1e2\n")
 * assert.deepEqual(decodeJsonSequence(bytes, options), [2])
 * ```
 */
export interface JsonSequenceDecoderOptions<T = unknown> {
  /**
   * The most bytes of one element with its RS, and of one line; default 1,048,576. More is an
   * `ELEMENT_TOO_LARGE` error; an element of several lines is counted as each of them ends, so the
   * most that is held is twice as much. `Infinity` switches it off.
   */
  readonly maxElementBytes?: number | undefined
  /** How deep an element may nest; default 128; a deeper one is `TOO_DEEP`. */
  readonly maxDepth?: number | undefined
  /** Parses one element; default `JSON.parse`. What it throws is the cause of `INVALID_JSON`. */
  readonly parse?: ((text: string) => T) | undefined
  /**
   * What happens at a bad element; default `"throw"`. RFC 7464 wants readers to go on: `"skip"` or
   * a function do, at the next RS.
   */
  readonly onError?: ErrorPolicy | undefined
}

const RS = "\x1e"
const WHITE_SPACE = /^[ \t\r\n]*$/

/**
 * Decodes JSON text sequences: RS (U+001E), a JSON text, LF. Bytes in, one value an element out.
 *
 * An element may span lines. It is given at the line feed after which it is whole, not at the next
 * RS, so that a live stream is not one element late; only white space may follow up to the next RS.
 * An element without that line feed is taken at the next RS or the end, once that line has come, but
 * a number, `true`, `false` or `null` without white space after it may be torn and is an
 * `UNTERMINATED` error. A line that is not UTF-8 is one bad element.
 *
 * Throws or reports a {@link FramingError} with `record`, `byteOffset` and `excerpt`.
 *
 * Source: RFC 7464.
 *
 * @example Decode a sequence with a torn element
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJsonSequence } from "@bellmouth/framing"
 *
 * const bytes = new TextEncoder().encode('\x1e{"a":\n1}\n\x1e12')
 * const bad: string[] = []
 * const values = decodeJsonSequence(bytes, { onError: (error) => bad.push(error.code) })
 * assert.deepEqual([values, bad], [[{ a: 1 }], ["UNTERMINATED"]])
 * ```
 */
export class JsonSequenceDecoder<T = unknown> implements IncrementalDecoder<T> {
  readonly #maxElementBytes: number
  readonly #maxDepth: number
  readonly #parse: (text: string) => T
  readonly #report: (error: FramingError) => void
  readonly #lines: LineSplitter<T>
  readonly #scanner = new JsonScanner()
  readonly #carry = new TextCarry()
  /** Whether an RS began an element, it was given, or the rest up to the next RS is refused. */
  #state: "outside" | "open" | "given" | "refused" = "outside"
  #emit: (value: T) => void = () => {}
  #records = 0
  #bytes = 0
  /** Where the current element begins: in this line, which begins at this byte of the stream. */
  #startLine = ""
  #startAt = 0
  #startBase = 0

  constructor(options: JsonSequenceDecoderOptions<T> = {}) {
    this.#maxElementBytes = checkLimit("maxElementBytes", options.maxElementBytes ?? 1_048_576)
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth ?? 128)
    this.#parse = options.parse ?? JSON.parse
    this.#report = reporter(options.onError)
    const lines: LineSplitterOptions = {
      maxLineBytes: this.#maxElementBytes,
      onError: (error) => this.#bad(error),
    }
    this.#lines = lineSplitter<T>("JSON sequence", lines, (text, ended) =>
      this.#line(text, ended ? "\n" : ""),
    )
  }

  /** Takes one chunk and emits every element that it completes. */
  push(chunk: Uint8Array, emit: (value: T) => void): void {
    this.#emit = emit
    this.#lines.push(chunk, emit)
  }

  /** Says that no chunk follows: gives or refuses an element that has no line feed. */
  finish(emit: (value: T) => void): void {
    this.#emit = emit
    this.#lines.finish(emit)
    this.#end()
  }

  /** Takes a line and the line feed that ended it, if any. */
  #line(line: string, end: string): void {
    let at = 0
    for (;;) {
      const next = line.indexOf(RS, at)
      if (next === -1) break
      this.#part(line.slice(at, next))
      this.#end()
      this.#begin(line, next)
      at = next + 1
    }
    this.#part(line.slice(at) + end)
  }

  #begin(line: string, at: number): void {
    this.#startLine = line
    this.#startAt = at
    this.#startBase = this.#lines.start()
    this.#bytes = 1
    this.#scanner.reset()
    this.#carry.take("")
    this.#state = "open"
  }

  #part(text: string): void {
    if (this.#state === "open") this.#open(text)
    else if (this.#state !== "refused" && !WHITE_SPACE.test(text)) {
      const state = this.#state === "outside" ? "no RS begins it" : "more follows the element"
      if (this.#state === "outside") this.#begin(text, 0)
      this.#fail("INVALID_JSON", state, text)
    }
  }

  #open(text: string): void {
    this.#bytes += utf8Length(text)
    let at = 0
    while (at < text.length) at = this.#scanner.scan(text, at) + 1
    this.#carry.add(text)
    const closed = text.endsWith("\n") && this.#scanner.outside
    if (this.#bytes - (closed ? 1 : 0) > this.#maxElementBytes) {
      const state = `it is larger than maxElementBytes (${this.#maxElementBytes}); raise the limit if it is expected`
      this.#fail("ELEMENT_TOO_LARGE", state, this.#carry.take(""))
    } else if (closed) this.#element()
  }

  /** Ends the element that an RS or the end of the input cuts off. */
  #end(): void {
    if (this.#state === "open") this.#element()
  }

  #element(): void {
    const text = this.#carry.take("")
    if (WHITE_SPACE.test(text)) return
    if (this.#scanner.deepest > this.#maxDepth) {
      const state = `it nests deeper than maxDepth (${this.#maxDepth}); raise the limit if it is expected`
      this.#fail("TOO_DEEP", state, text)
      return
    }
    let value: T
    try {
      value = this.#parse(text)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      this.#fail("INVALID_JSON", `it does not parse (${reason})`, text, { cause })
      return
    }
    if (/[^\]}" \t\r\n]$/.test(text)) {
      this.#fail("UNTERMINATED", "it may be torn, for no white space ends it", text)
      return
    }
    this.#state = "given"
    this.#records += 1
    this.#emit(value)
  }

  /** Refuses a line that the splitter could not give, and the element that it belongs to. */
  #bad({ code, excerpt = "", cause }: FramingError): void {
    if (this.#state !== "open") this.#begin(excerpt, 0)
    const long = code === "LINE_TOO_LONG"
    const state = long
      ? `its line is longer than maxElementBytes (${this.#maxElementBytes}); raise the limit if it is expected`
      : "it is not UTF-8"
    this.#fail(long ? "ELEMENT_TOO_LARGE" : code, state, this.#carry.take(excerpt), { cause })
  }

  #fail(code: FramingErrorCode, state: string, text: string, options?: { cause: unknown }): void {
    this.#state = "refused"
    this.#records += 1
    const record = this.#records
    const byteOffset = this.#startBase + utf8Length(this.#startLine.slice(0, this.#startAt))
    const excerpt = excerptOf(text.trimEnd())
    const message = `Cannot decode JSON sequence element ${record} at byte ${byteOffset}: ${state}, found ${JSON.stringify(excerpt)}`
    this.#report(new FramingError(code, message, { record, byteOffset, excerpt, ...options }))
  }
}
