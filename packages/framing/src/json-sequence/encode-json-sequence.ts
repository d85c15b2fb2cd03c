import { jsonText } from "../json/json-text.ts"
import { utf8 } from "../utf8/utf8-encoder.ts"

/**
 * Encodes values as a JSON text sequence: RS (U+001E), the JSON text, LF for each.
 *
 * Throws a `TypeError` for what has no JSON.
 *
 * Source: RFC 7464, section 2.2.
 *
 * @example Encode a sequence
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeJsonSequence } from "@bellmouth/framing"
 *
 * assert.equal(new TextDecoder().decode(encodeJsonSequence([1, "a"])), '\x1e1\n\x1e"a"\n')
 * ```
 */
export function encodeJsonSequence(values: Iterable<unknown>): Uint8Array<ArrayBuffer> {
  let text = ""
  for (const value of values) text += encodeJsonSequenceText(value)
  return utf8.encode(text)
}

/** Encodes one value of a sequence as text. */
export function encodeJsonSequenceText(value: unknown): string {
  return `\x1e${jsonText(value, "a JSON sequence element")}\n`
}
