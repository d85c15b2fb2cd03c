import { jsonText } from "../json/json-text.ts"
import { utf8 } from "../utf8/utf8-encoder.ts"

/**
 * Encodes values as the elements of one JSON array, a call at a time.
 *
 * Each `push` gives the bytes of its elements; the bracket that opens the array comes with the
 * first, the one that closes it from `finish`. A stream that fails leaves the array open, so that
 * a reader can not take it for whole. Throws a `TypeError` for what has no JSON.
 *
 * Source: RFC 8259, section 5.
 *
 * @example Encode in two steps
 * ```ts
 * import assert from "node:assert/strict"
 * import { JsonElementEncoder } from "@bellmouth/framing"
 *
 * const encoder = new JsonElementEncoder()
 * const parts = [encoder.push([1]), encoder.push([2, 3]), encoder.finish()]
 * assert.equal(parts.map((part) => new TextDecoder().decode(part)).join(""), "[1,2,3]")
 * ```
 */
export class JsonElementEncoder {
  #prefix = "["

  /** Encodes elements; no element gives no byte. */
  push(elements: Iterable<unknown>): Uint8Array<ArrayBuffer> {
    let text = ""
    const before = this.#prefix
    try {
      for (const element of elements) text += this.encodeText(element)
    } catch (reason) {
      this.#prefix = before
      throw reason
    }
    return utf8.encode(text)
  }

  /** Encodes one element as text, with the bracket or comma before it. */
  encodeText(element: unknown): string {
    const text = this.#prefix + jsonText(element, "a JSON element")
    this.#prefix = ","
    return text
  }

  /** Closes the array, as text. */
  finishText(): string {
    return this.#prefix === "[" ? "[]" : "]"
  }

  /** Closes the array. */
  finish(): Uint8Array<ArrayBuffer> {
    return utf8.encode(this.finishText())
  }
}
