import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { JsonSequenceDecoder, type JsonSequenceDecoderOptions } from "./json-sequence-decoder.ts"

/**
 * The {@link JsonSequenceDecoder} as a stage with an array view: the values of one input chunk leave
 * as one array. A chunk that completes no value gives nothing.
 *
 * @example Take values by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { JsonSequenceArrayDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["\x1e1\n\x1e2\n"]).stream()
 * const arrays = await toArray(source.pipeThrough(new JsonSequenceArrayDecoderStream()))
 * assert.deepEqual(arrays, [[1, 2]])
 * ```
 */
export class JsonSequenceArrayDecoderStream<T = unknown> extends Stage<Uint8Array, T[]> {
  constructor(options: JsonSequenceDecoderOptions<T> = {}) {
    super(arrayDecoderTransformer(new JsonSequenceDecoder(options)))
  }
}
