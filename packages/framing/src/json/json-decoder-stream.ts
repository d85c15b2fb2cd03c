import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { JsonDecoder, type JsonDecoderOptions } from "./json-decoder.ts"

/**
 * The {@link JsonDecoder} as a stage: chunks of bytes in, exactly one value out, at the end.
 *
 * @example Read one value out of a body
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { JsonDecoderStream } from "@bellmouth/framing"
 *
 * const body = new Blob(['{"offset":', "7}"]).stream()
 * assert.deepEqual(await toArray(body.pipeThrough(new JsonDecoderStream())), [{ offset: 7 }])
 * ```
 */
export class JsonDecoderStream<T = unknown> extends Stage<Uint8Array, T> {
  constructor(options: JsonDecoderOptions<T> = {}) {
    super(decoderTransformer(new JsonDecoder(options)))
  }
}
