import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { JsonSequenceDecoder, type JsonSequenceDecoderOptions } from "./json-sequence-decoder.ts"

/**
 * The {@link JsonSequenceDecoder} as a stage: chunks of bytes in, one value a chunk out.
 *
 * @example Read a JSON text sequence
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { JsonSequenceDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(['\x1e{"a":1}\n\x1e', "2\n"]).stream()
 * const values = await toArray(source.pipeThrough(new JsonSequenceDecoderStream()))
 * assert.deepEqual(values, [{ a: 1 }, 2])
 * ```
 */
export class JsonSequenceDecoderStream<T = unknown> extends Stage<Uint8Array, T> {
  constructor(options: JsonSequenceDecoderOptions<T> = {}) {
    super(decoderTransformer(new JsonSequenceDecoder(options)))
  }
}
