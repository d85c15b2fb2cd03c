import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import type { FrameOptions } from "./frame-options.ts"

/**
 * The {@link FrameDecoder} as a stage: chunks of bytes in, the body of one frame a chunk out.
 *
 * Takes ownership of the chunks: bodies are views of them.
 *
 * @example Read frames
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { FrameDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob([Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9)]).stream()
 * const frames = await toArray(source.pipeThrough(new FrameDecoderStream()))
 * assert.deepEqual(frames.map((frame) => [...frame]), [[7], [8, 9]])
 * ```
 */
export class FrameDecoderStream extends Stage<Uint8Array, Uint8Array> {
  constructor(options: FrameOptions = {}) {
    super(decoderTransformer(new FrameDecoder(options)))
  }
}
