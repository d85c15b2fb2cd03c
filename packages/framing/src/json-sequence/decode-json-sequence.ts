import { decodeAll } from "../transformers/decode-all.ts"
import { JsonSequenceDecoder, type JsonSequenceDecoderOptions } from "./json-sequence-decoder.ts"

/**
 * Decodes a whole JSON text sequence into its values, as {@link JsonSequenceDecoder} does.
 *
 * @example Decode a sequence that is in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJsonSequence } from "@bellmouth/framing"
 *
 * const bytes = new TextEncoder().encode('\x1e1\n\x1e"a"\n')
 * assert.deepEqual(decodeJsonSequence(bytes), [1, "a"])
 * ```
 */
export function decodeJsonSequence<T = unknown>(
  bytes: Uint8Array,
  options: JsonSequenceDecoderOptions<T> = {},
): T[] {
  return decodeAll(bytes, new JsonSequenceDecoder(options))
}
