import { Stage } from "@bellmouth/core"
import { encodeNdjson } from "./encode-ndjson.ts"
import { encoderTransformer } from "./encoder-transformer.ts"

/**
 * Encodes NDJSON as a stage: one record a chunk in, its line as bytes out.
 *
 * An array that is written is one record. For arrays of records, see
 * {@link NdjsonArrayEncoderStream}, which is several times faster for small ones. A record that
 * has no JSON fails the stream with a `TypeError`, after the lines of earlier records.
 *
 * @example Encode records
 * ```ts
 * import assert from "node:assert/strict"
 * import { from } from "@bellmouth/core"
 * import { NdjsonEncoderStream } from "@bellmouth/framing"
 *
 * const records = from<unknown>([{ a: 1 }, [2, 3]])
 * const text = await new Response(records.pipeThrough(new NdjsonEncoderStream())).text()
 * assert.equal(text, '{"a":1}\n[2,3]\n')
 * ```
 */
export class NdjsonEncoderStream<T = unknown> extends Stage<T, Uint8Array> {
  constructor() {
    super(encoderTransformer((record: T) => encodeNdjson([record])))
  }
}
