import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { JsonElementDecoder, type JsonElementDecoderOptions } from "./json-element-decoder.ts"

/**
 * The {@link JsonElementDecoder} as a stage with an array view: the elements of one input chunk
 * leave as one array. A chunk that completes no element gives nothing.
 *
 * @example Take elements by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { JsonElementArrayDecoderStream } from "@bellmouth/framing"
 *
 * const body = new Blob(["[1, 2, 3]"]).stream()
 * const arrays = await toArray(body.pipeThrough(new JsonElementArrayDecoderStream()))
 * assert.deepEqual(arrays, [[1, 2, 3]])
 * ```
 */
export class JsonElementArrayDecoderStream<T = unknown> extends Stage<Uint8Array, T[]> {
  constructor(options: JsonElementDecoderOptions<T> = {}) {
    super(arrayDecoderTransformer(new JsonElementDecoder(options)))
  }
}
