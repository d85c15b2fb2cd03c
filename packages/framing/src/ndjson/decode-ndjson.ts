import { decodeAll } from "../transformers/decode-all.ts"
import { type NdjsonDecoderOptions, ndjsonDecoder } from "./ndjson-decoder.ts"

/**
 * Decodes whole NDJSON bytes into an array of records, as {@link NdjsonDecoder} does.
 *
 * Throws a {@link FramingError} at the first bad record, unless `onError` says otherwise.
 *
 * @example Decode a body that is in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeNdjson } from "@bellmouth/framing"
 *
 * assert.deepEqual(decodeNdjson(new TextEncoder().encode('{"a":1}\n[2]')), [{ a: 1 }, [2]])
 * ```
 */
export function decodeNdjson<T = unknown>(
  bytes: Uint8Array,
  options?: NdjsonDecoderOptions<T>,
): T[] {
  return decodeAll(bytes, ndjsonDecoder(options))
}
