import { utf8 } from "../utf8/utf8-encoder.ts"
import { jsonText } from "./json-text.ts"

/**
 * Encodes one value as JSON bytes.
 *
 * Throws a `TypeError` for what has no JSON: `undefined`, a function, a symbol, a BigInt, a circle.
 *
 * Source: RFC 8259.
 *
 * @example Encode a value
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeJson } from "@bellmouth/framing"
 *
 * assert.equal(new TextDecoder().decode(encodeJson({ a: 1 })), '{"a":1}')
 * assert.throws(() => encodeJson(undefined), TypeError)
 * ```
 */
export function encodeJson(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8.encode(jsonText(value, "a JSON value"))
}
