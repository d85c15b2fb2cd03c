import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import type { FrameOptions } from "./frame-options.ts"

/**
 * The {@link FrameDecoder} as a stage with an array view: the bodies of one input chunk leave as one
 * array. A chunk that completes no frame gives nothing.
 *
 * Takes ownership of the chunks: bodies are views of them.
 *
 * @example Take frames by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { FrameArrayDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob([Uint8Array.of(1, 7, 2, 8, 9)]).stream()
 * const stream = new FrameArrayDecoderStream({ prefix: "varint" })
 * const arrays = await toArray(source.pipeThrough(stream))
 * assert.deepEqual(arrays.map((frames) => frames.length), [2])
 * ```
 */
export class FrameArrayDecoderStream extends Stage<Uint8Array, Uint8Array[]> {
  constructor(options: FrameOptions = {}) {
    super(arrayDecoderTransformer(new FrameDecoder(options)))
  }
}
