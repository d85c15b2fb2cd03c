import { decodeAll } from "../transformers/decode-all.ts"
import { ByteLineDecoder, type ByteLineDecoderOptions } from "./byte-line-decoder.ts"

/**
 * Cuts whole bytes into lines of bytes, as {@link ByteLineDecoder} does. The lines are views.
 *
 * @example Cut bytes into lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeByteLines } from "@bellmouth/framing"
 *
 * assert.deepEqual(decodeByteLines(Uint8Array.of(1, 10, 2)), [Uint8Array.of(1), Uint8Array.of(2)])
 * ```
 */
export function decodeByteLines(
  bytes: Uint8Array,
  options: ByteLineDecoderOptions = {},
): Uint8Array[] {
  return decodeAll(bytes, new ByteLineDecoder(options))
}
