import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { LineDecoder, type LineDecoderOptions } from "./line-decoder.ts"

/**
 * The {@link LineDecoder} as a stage: chunks of bytes in, one line of text a chunk out.
 *
 * @example Read lines of text
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { LineDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["a\r\n\nb"]).stream()
 * const lines = await toArray(source.pipeThrough(new LineDecoderStream()))
 * assert.deepEqual(lines, ["a", "", "b"])
 * ```
 */
export class LineDecoderStream extends Stage<Uint8Array, string> {
  constructor(options: LineDecoderOptions = {}) {
    super(decoderTransformer(new LineDecoder(options)))
  }
}
