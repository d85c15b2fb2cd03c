import { jsonText } from "../json/json-text.ts"
import { utf8 } from "../utf8/utf8-encoder.ts"
import { EncodedLine } from "./encoded-line.ts"

/**
 * Encodes records as NDJSON bytes: each one as `JSON.stringify` gives it, ended by one LF.
 *
 * Strings keep their newlines as escapes, so that no record can hold a raw line end. A
 * {@link NdjsonLine} is written as it is. No record gives no byte.
 *
 * Throws a `TypeError` for what has no JSON: `undefined`, a function, a symbol, a BigInt, a circle. What a `toJSON` method
 * throws passes through unchanged.
 *
 * Source: ndjson-spec 1.0.0, section 3.1.
 *
 * @example Encode any iterable
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeNdjson } from "@bellmouth/framing"
 *
 * const bytes = encodeNdjson([{ a: 1 }, "two\nlines", null])
 * assert.equal(new TextDecoder().decode(bytes), '{"a":1}\n"two\\nlines"\nnull\n')
 * assert.throws(() => encodeNdjson([undefined]), TypeError)
 * ```
 */
export function encodeNdjson(records: Iterable<unknown>): Uint8Array<ArrayBuffer> {
  let text = ""
  for (const record of records) text += encodeNdjsonText(record)
  return utf8.encode(text)
}

/**
 * Encodes one record as a line of text with its LF, for whoever joins text before encoding it.
 *
 * Throws a `TypeError` for what has no JSON, as {@link encodeNdjson} does.
 *
 * @example Build a line
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeNdjsonText } from "@bellmouth/framing"
 *
 * assert.equal(encodeNdjsonText({ a: 1 }), '{"a":1}\n')
 * ```
 */
export function encodeNdjsonText(record: unknown): string {
  const text = record instanceof EncodedLine ? record.text : jsonText(record, "an NDJSON record")
  return `${text}\n`
}
