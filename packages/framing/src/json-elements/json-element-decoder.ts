import { checkBytes, checkLimit } from "@bellmouth/core"
import { excerptOf } from "../excerpt.ts"
import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import { JsonScanner } from "../json/json-scanner.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { TextCarry } from "../utf8/text-carry.ts"
import { join, Utf8Decoder } from "../utf8/utf8-decoder.ts"
import { utf8Length } from "../utf8/utf8-length.ts"
import { validLength } from "../utf8/valid-utf8.ts"

/**
 * How a {@link JsonElementDecoder} reads.
 *
 * @example Limit the depth of each element
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJsonElements, type JsonElementDecoderOptions } from "@bellmouth/framing"
 *
 * const options: JsonElementDecoderOptions = { maxDepth: 1 }
 * const bytes = new TextEncoder().encode("[[1],[[2]]]")
 * assert.throws(() => decodeJsonElements(bytes, options), { code: "TOO_DEEP", record: 2 })
 * ```
 */
export interface JsonElementDecoderOptions<T = unknown> {
  /**
   * The most bytes of one element with the white space around it; default 1,048,576. A larger one
   * is an `ELEMENT_TOO_LARGE` error. `Infinity` switches it off.
   */
  readonly maxElementBytes?: number | undefined
  /** How deep an element may nest, the outer array not counted; default 128; past it `TOO_DEEP`. */
  readonly maxDepth?: number | undefined
  /** Parses one element; default `JSON.parse`. What it throws is the cause of `INVALID_JSON`. */
  readonly parse?: ((text: string) => T) | undefined
}

const SPACE = 32
/** Longer chunks are decoded in pieces, for a string holds no more than some 500 MB. */
const PIECE_BYTES = 65_536
const NOTHING = new Uint8Array(0)
const WHITE_SPACE = /^[ \t\r\n]*$/
/** The first character that is not white space. */
const FIRST = /[^ \t\r\n]/u

/**
 * Decodes the elements of one JSON array as they come: bytes in, one value for each element out.
 *
 * For arrays too large for {@link JsonDecoder}; what is held is one unfinished element. One leading
 * BOM is removed. Throws a {@link FramingError} with `record` and `byteOffset`, after all earlier
 * elements: `NO_VALUE`, `INVALID_JSON` (also when it is no array, or more follows it),
 * `INVALID_UTF8`, `TOO_DEEP`, `ELEMENT_TOO_LARGE`, `UNTERMINATED` when the array is never closed.
 *
 * Source: RFC 8259, section 5.
 *
 * @example Take elements before the array has ended
 * ```ts
 * import assert from "node:assert/strict"
 * import { JsonElementDecoder } from "@bellmouth/framing"
 *
 * const elements: unknown[] = []
 * const decoder = new JsonElementDecoder()
 * decoder.push(new TextEncoder().encode('[{"a":1}, [2, 3], '), (element) => elements.push(element))
 * assert.deepEqual(elements, [{ a: 1 }, [2, 3]])
 * ```
 */
export class JsonElementDecoder<T = unknown> implements IncrementalDecoder<T> {
  readonly #maxElementBytes: number
  readonly #maxDepth: number
  readonly #parse: (text: string) => T
  readonly #utf8 = new Utf8Decoder(true)
  readonly #scanner = new JsonScanner()
  readonly #carry = new TextCarry()
  #state: "before" | "first" | "element" | "after" = "before"
  #records = 0
  #bytes = 0
  /** Where the current element begins: in this text, which begins at this byte of the stream. */
  #startText = ""
  #startAt = 0
  #startBase = 0
  /** Bytes of the stream so far. */
  #read = 0

  constructor(options: JsonElementDecoderOptions<T> = {}) {
    this.#maxElementBytes = checkLimit("maxElementBytes", options.maxElementBytes ?? 1_048_576)
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth ?? 128)
    this.#parse = options.parse ?? JSON.parse
  }

  /** Takes one chunk and emits every element that it completes. */
  push(chunk: Uint8Array, emit: (element: T) => void): void {
    checkBytes("decode", chunk)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES)
      this.#push(chunk.subarray(at, at + PIECE_BYTES), emit)
  }

  /** Says that no chunk follows: the array must have ended. */
  finish(): void {
    if (this.#utf8.heldBytes > 0) throw this.#error("INVALID_UTF8", "the input ends in a character")
    if (this.#state === "before") throw this.#error("NO_VALUE", "the input is empty")
    if (this.#state !== "after") throw this.#error("UNTERMINATED", "the array is not closed")
  }

  #push(piece: Uint8Array, emit: (element: T) => void): void {
    const base = this.#read - this.#utf8.heldBytes
    this.#read += piece.length
    let text: string
    let bad: { cause: unknown } | undefined
    try {
      text = this.#utf8.decode(piece)
    } catch {
      const bytes = join(this.#utf8.release() ?? NOTHING, piece)
      try {
        // What is refused may be the memory: a browser decodes none that is shared. This is a copy.
        text = this.#utf8.decode(bytes)
      } catch (cause) {
        bad = { cause }
        text = this.#utf8.decode(bytes.subarray(0, validLength(bytes)))
      }
    }
    this.#text(text, base === 0 ? this.#utf8.bomBytes : base, emit)
    if (bad !== undefined) throw this.#error("INVALID_UTF8", "it is not UTF-8", "", bad)
  }

  #text(text: string, base: number, emit: (element: T) => void): void {
    let at = this.#state === "before" ? this.#open(text, base) : 0
    let from = at
    while (at < text.length && this.#state !== "after") {
      const end = this.#scanner.scan(text, at)
      at = end + 1
      const unit = text.charAt(end)
      if (unit === "\n") continue
      if (unit === "") break
      const part = text.slice(from, end)
      this.#measure(part)
      this.#element(this.#carry.take(part), unit, emit)
      if (unit === "]") this.#state = "after"
      from = at
      this.#begin(text, at, base)
    }
    const rest = text.slice(from)
    if (this.#state === "after") {
      const more = FIRST.exec(rest)
      if (more === null) return
      throw this.#error("INVALID_JSON", "more follows the array", more[0])
    }
    this.#measure(rest)
    this.#carry.add(rest)
  }

  /** Finds the bracket that opens the array; gives where its first element begins. */
  #open(text: string, base: number): number {
    const first = FIRST.exec(text)
    if (first === null) return text.length
    const at = first.index
    this.#begin(text, at, base)
    if (first[0] !== "[") throw this.#error("INVALID_JSON", "it is not an array", first[0])
    this.#begin(text, at + 1, base)
    this.#state = "first"
    return at + 1
  }

  #begin(text: string, at: number, base: number): void {
    this.#startText = text
    this.#startAt = at
    this.#startBase = base
    this.#bytes = 0
  }

  /** Counts a part of the current element against its limit. */
  #measure(part: string): void {
    this.#bytes += utf8Length(part)
    if (this.#bytes <= this.#maxElementBytes) return
    const state = `the element is larger than maxElementBytes (${this.#maxElementBytes}); raise the limit if it is expected`
    throw this.#error("ELEMENT_TOO_LARGE", state, part)
  }

  #element(text: string, end: string, emit: (element: T) => void): void {
    if (end === "}") throw this.#error("INVALID_JSON", "a brace closes nothing", `${text}}`)
    // The first unit spares most elements the rest. A parse of one's own may take what is none.
    if (!(text.charCodeAt(0) > SPACE) && WHITE_SPACE.test(text)) {
      if (this.#state === "first" && end === "]") return
      throw this.#error("INVALID_JSON", "the element is missing", text)
    }
    if (this.#scanner.deepest > this.#maxDepth) {
      const state = `the element nests deeper than maxDepth (${this.#maxDepth}); raise the limit if it is expected`
      throw this.#error("TOO_DEEP", state, text)
    }
    let element: T
    try {
      element = this.#parse(text)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw this.#error("INVALID_JSON", `the element does not parse (${reason})`, text, { cause })
    }
    this.#state = "element"
    this.#records += 1
    emit(element)
  }

  #error(
    code: FramingErrorCode,
    state: string,
    part = "",
    options?: { cause: unknown },
  ): FramingError {
    const record = this.#records + 1
    const byteOffset = this.#startBase + utf8Length(this.#startText.slice(0, this.#startAt))
    const excerpt = excerptOf(this.#carry.take(part), this.#maxElementBytes)
    const found = excerpt === "" ? "" : `, found ${JSON.stringify(excerpt)}`
    const message = `Cannot decode JSON element ${record} at byte ${byteOffset}: ${state}${found}`
    return new FramingError(code, message, { record, byteOffset, excerpt, ...options })
  }
}
