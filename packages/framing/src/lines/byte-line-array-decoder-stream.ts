import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { ByteLineDecoder, type ByteLineDecoderOptions } from "./byte-line-decoder.ts"

/**
 * The {@link ByteLineDecoder} as a stage with an array view: the lines of one input chunk leave as
 * one array. A chunk that completes no line gives nothing.
 *
 * Takes ownership of the chunks: lines are views of them.
 *
 * @example Take lines by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { ByteLineArrayDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["a\nbc\n"]).stream()
 * const [lines = []] = await toArray(source.pipeThrough(new ByteLineArrayDecoderStream()))
 * assert.deepEqual(lines.map((line) => line.length), [1, 2])
 * ```
 */
export class ByteLineArrayDecoderStream extends Stage<Uint8Array, Uint8Array[]> {
  constructor(options: ByteLineDecoderOptions = {}) {
    super(arrayDecoderTransformer(new ByteLineDecoder(options)))
  }
}
