import { decodeAll } from "../transformers/decode-all.ts"
import { JsonDecoder, type JsonDecoderOptions } from "./json-decoder.ts"

/**
 * Decodes whole bytes that are exactly one JSON value, as {@link JsonDecoder} does.
 *
 * Throws a {@link FramingError} when they are not.
 *
 * @example Decode a body that is in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeJson } from "@bellmouth/framing"
 *
 * assert.deepEqual(decodeJson(new TextEncoder().encode(' {"a":[1]}\n')), { a: [1] })
 * assert.throws(() => decodeJson(new TextEncoder().encode("1 2")), { code: "INVALID_JSON" })
 * ```
 */
export function decodeJson<T = unknown>(bytes: Uint8Array, options: JsonDecoderOptions<T> = {}): T {
  // A JsonDecoder gives exactly one value, or throws.
  const [value] = decodeAll(bytes, new JsonDecoder(options)) as [T]
  return value
}
