import { decodeAll } from "../transformers/decode-all.ts"
import { JsonElementDecoder, type JsonElementDecoderOptions } from "./json-element-decoder.ts"

/**
 * Decodes whole bytes that are one JSON array into its elements, as {@link JsonElementDecoder}
 * does: with limits for each element, and none for the whole.
 *
 * @example Decode an array with a limit for each element
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJsonElements } from "@bellmouth/framing"
 *
 * const bytes = new TextEncoder().encode('[1, "long text"]')
 * assert.deepEqual(decodeJsonElements(bytes), [1, "long text"])
 * assert.throws(() => decodeJsonElements(bytes, { maxElementBytes: 8 }), {
 *   code: "ELEMENT_TOO_LARGE",
 *   record: 2,
 * })
 * ```
 */
export function decodeJsonElements<T = unknown>(
  bytes: Uint8Array,
  options: JsonElementDecoderOptions<T> = {},
): T[] {
  return decodeAll(bytes, new JsonElementDecoder(options))
}
