import { checkBytes, checkLimit } from "@bellmouth/core"
import { excerptOf } from "../excerpt.ts"
import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import { ByteCollector } from "../transformers/byte-collector.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { validStart } from "../utf8/valid-utf8.ts"
import { exceedsDepth } from "./json-depth.ts"

/**
 * How a {@link JsonDecoder} reads.
 *
 * @example Limit a body
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJson, type JsonDecoderOptions } from "@bellmouth/framing"
 *
 * const options: JsonDecoderOptions = { maxBytes: 4 }
 * const bytes = new TextEncoder().encode("[1,2]")
 * assert.throws(() => decodeJson(bytes, options), { code: "VALUE_TOO_LARGE" })
 * ```
 */
export interface JsonDecoderOptions<T = unknown> {
  /**
   * The most bytes of the input, a leading BOM not counted; default 16,777,216. More is a `VALUE_TOO_LARGE` error with
   * the chunk that passes the limit. `Infinity` leaves only the engine's longest string.
   */
  readonly maxBytes?: number | undefined
  /**
   * How deep arrays and objects may nest; default 128. A deeper value is `TOO_DEEP`. It is exact for
   * JSON only: what `parse` takes beyond it, such as keys without quotes, may be deeper.
   */
  readonly maxDepth?: number | undefined
  /** Parses the text; default `JSON.parse`. What it throws is the cause of `INVALID_JSON`. */
  readonly parse?: ((text: string) => T) | undefined
}

const BOM = [0xef, 0xbb, 0xbf]
const EXCERPT_BYTES = 256
const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Decodes bytes that are exactly one JSON value, for bodies such as a snapshot.
 *
 * The bytes are collected (copied) up to `maxBytes` and parsed at the end; one leading BOM is
 * removed. Throws a {@link FramingError}: `NO_VALUE` for an empty input, `INVALID_JSON` also for a
 * second value, `INVALID_UTF8`, `TOO_DEEP`, `VALUE_TOO_LARGE`.
 *
 * Source: RFC 8259.
 *
 * @example Decode a value that comes in chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { JsonDecoder } from "@bellmouth/framing"
 *
 * const values: unknown[] = []
 * const decoder = new JsonDecoder()
 * for (const text of ['{"a"', ":1}"]) decoder.push(new TextEncoder().encode(text))
 * decoder.finish((value) => values.push(value))
 * assert.deepEqual(values, [{ a: 1 }])
 * ```
 */
export class JsonDecoder<T = unknown> implements IncrementalDecoder<T> {
  readonly #maxBytes: number
  readonly #maxDepth: number
  readonly #parse: (text: string) => T
  readonly #bytes = new ByteCollector()
  /** How many of the bytes do not count. */
  #bomBytes = 0

  constructor(options: JsonDecoderOptions<T> = {}) {
    this.#maxBytes = checkLimit("maxBytes", options.maxBytes ?? 16_777_216)
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth ?? 128)
    this.#parse = options.parse ?? JSON.parse
  }

  /** Collects one chunk. */
  push(chunk: Uint8Array): void {
    checkBytes("decode", chunk)
    if (this.#bytes.length === 0 && chunk[0] === BOM[0]) this.#bomBytes = BOM.length
    this.#check(this.#bytes.length + chunk.length)
    this.#bytes.add(chunk)
  }

  /** Parses what was collected and emits the value. */
  finish(emit: (value: T) => void): void {
    const bytes = this.#bytes.take()
    // What begins as one may be none.
    if (BOM.some((byte, at) => bytes[at] !== byte)) this.#bomBytes = 0
    this.#check(bytes.length)
    emit(this.#decode(bytes))
  }

  #check(length: number): void {
    if (length - this.#bomBytes <= this.#maxBytes) return
    const state = `it is larger than maxBytes (${this.#maxBytes}); raise the limit if it is expected`
    throw jsonError("VALUE_TOO_LARGE", state, "")
  }

  #decode(bytes: Uint8Array): T {
    const text = decodeText(bytes)
    if (/^[ \t\r\n]*$/.test(text)) throw jsonError("NO_VALUE", "the input is empty", "")
    if (exceedsDepth(text, this.#maxDepth, () => bytes)) {
      const state = `it nests deeper than maxDepth (${this.#maxDepth}); raise the limit if it is expected`
      throw jsonError("TOO_DEEP", state, text)
    }
    try {
      return this.#parse(text)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw jsonError("INVALID_JSON", `it does not parse (${reason})`, text, { cause })
    }
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    // Engines refuse a text that would be longer than their longest string by other errors.
    if (!(cause instanceof TypeError)) {
      const state = `${bytes.length} bytes are more than one string holds; decode its elements instead`
      throw jsonError("VALUE_TOO_LARGE", state, "", { cause })
    }
    const start = validStart(bytes.subarray(0, EXCERPT_BYTES))
    throw jsonError("INVALID_UTF8", "it is not UTF-8", start, { cause })
  }
}

function jsonError(
  code: FramingErrorCode,
  state: string,
  text: string,
  options?: { cause: unknown },
): FramingError {
  const excerpt = excerptOf(text)
  const found = excerpt === "" ? "" : `, found ${JSON.stringify(excerpt)}`
  const message = `Cannot decode a JSON value: ${state}${found}`
  return new FramingError(code, message, { byteOffset: 0, excerpt, ...options })
}
