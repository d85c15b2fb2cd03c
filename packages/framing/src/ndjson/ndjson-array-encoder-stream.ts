import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { encodeNdjson } from "./encode-ndjson.ts"

/**
 * Encodes NDJSON as a stage with an array view: the records of one array (or other iterable) leave
 * as one chunk of bytes. A record that is itself an array stands inside it: `[[1, 2]]` is one line.
 *
 * An array with a record that has no JSON fails the stream with a `TypeError`; none of its lines
 * is written. An empty array gives no chunk.
 *
 * @example Encode arrays of records
 * ```ts
 * import assert from "node:assert/strict"
 * import { from } from "@bellmouth/core"
 * import { NdjsonArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([[1, 2], [[3, 4]]])
 * const chunks: string[] = []
 * for await (const bytes of arrays.pipeThrough(new NdjsonArrayEncoderStream())) {
 *   chunks.push(new TextDecoder().decode(bytes))
 * }
 * assert.deepEqual(chunks, ["1\n2\n", "[3,4]\n"])
 * ```
 */
export class NdjsonArrayEncoderStream<T = unknown> extends Stage<Iterable<T>, Uint8Array> {
  constructor() {
    super(encoderTransformer((records: Iterable<T>) => encodeNdjson(records)))
  }
}
