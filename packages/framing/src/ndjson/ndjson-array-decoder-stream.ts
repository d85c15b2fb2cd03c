import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { type NdjsonDecoderOptions, ndjsonDecoder } from "./ndjson-decoder.ts"

/**
 * The {@link NdjsonDecoder} as a stage with an array view: the records of one input chunk leave as
 * one array. A chunk that completes no record gives nothing. Nothing is held back to fill an array.
 *
 * @example Take records by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { NdjsonArrayDecoderStream } from "@bellmouth/framing"
 *
 * const arrays: unknown[] = []
 * const source = new Blob(["1\n2\n3\n"]).stream()
 * for await (const records of source.pipeThrough(new NdjsonArrayDecoderStream())) {
 *   arrays.push(records)
 * }
 * assert.deepEqual(arrays, [[1, 2, 3]])
 * ```
 */
export class NdjsonArrayDecoderStream<T = unknown> extends Stage<Uint8Array, T[]> {
  constructor(options?: NdjsonDecoderOptions<T>) {
    super(arrayDecoderTransformer(ndjsonDecoder(options)))
  }
}
