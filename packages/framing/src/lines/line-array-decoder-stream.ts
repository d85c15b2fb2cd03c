import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { LineDecoder, type LineDecoderOptions } from "./line-decoder.ts"

/**
 * The {@link LineDecoder} as a stage with an array view: the lines of one input chunk leave as one
 * array. A chunk that completes no line gives nothing.
 *
 * @example Take lines by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { LineArrayDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["a\nb\n"]).stream()
 * const arrays = await toArray(source.pipeThrough(new LineArrayDecoderStream()))
 * assert.deepEqual(arrays, [["a", "b"]])
 * ```
 */
export class LineArrayDecoderStream extends Stage<Uint8Array, string[]> {
  constructor(options: LineDecoderOptions = {}) {
    super(arrayDecoderTransformer(new LineDecoder(options)))
  }
}
