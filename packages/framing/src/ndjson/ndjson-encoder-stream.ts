import { Stage } from "@bellmouth/core"
import { gatheringEncoder } from "../transformers/gathering-encoder.ts"
import { encodeNdjsonText } from "./encode-ndjson.ts"

/**
 * Encodes NDJSON as a stage: one record a chunk in, lines as bytes out.
 *
 * The lines of the records that are at hand when the consumer asks leave as one chunk, of about
 * 16 KiB at most; nothing waits for more to come. An array that is written is one record. For arrays of records, see
 * {@link NdjsonArrayEncoderStream}. A record that
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
    super(gatheringEncoder<T>(encodeNdjsonText))
  }
}
