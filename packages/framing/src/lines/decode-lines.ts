import { decodeAll } from "../transformers/decode-all.ts"
import { LineDecoder, type LineDecoderOptions } from "./line-decoder.ts"

/**
 * Decodes whole bytes into lines of text, as {@link LineDecoder} does.
 *
 * @example Decode lines that are in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeLines } from "@bellmouth/framing"
 *
 * assert.deepEqual(decodeLines(new TextEncoder().encode("a\n\nb")), ["a", "", "b"])
 * ```
 */
export function decodeLines(bytes: Uint8Array, options: LineDecoderOptions = {}): string[] {
  return decodeAll(bytes, new LineDecoder(options))
}
