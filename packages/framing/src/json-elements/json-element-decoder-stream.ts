import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { JsonElementDecoder, type JsonElementDecoderOptions } from "./json-element-decoder.ts"

/**
 * The {@link JsonElementDecoder} as a stage: chunks of one JSON array in, one element a chunk out.
 *
 * @example Read a large array element by element
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { JsonElementDecoderStream } from "@bellmouth/framing"
 *
 * const body = new Blob(['[{"a":1},', ' {"a":2}]\n']).stream()
 * const elements = await toArray(body.pipeThrough(new JsonElementDecoderStream()))
 * assert.deepEqual(elements, [{ a: 1 }, { a: 2 }])
 * ```
 */
export class JsonElementDecoderStream<T = unknown> extends Stage<Uint8Array, T> {
  constructor(options: JsonElementDecoderOptions<T> = {}) {
    super(decoderTransformer(new JsonElementDecoder(options)))
  }
}
