import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { encodeFrames } from "./encode-frames.ts"
import { type FrameOptions, frameForm } from "./frame-options.ts"

/**
 * Encodes length-prefixed frames as a stage with an array view: the frames of one array of bodies
 * (or other iterable) leave as one chunk of bytes.
 *
 * @example Write arrays of frames
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 * import { FrameArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([[Uint8Array.of(7), Uint8Array.of(8, 9)]])
 * const stream = new FrameArrayEncoderStream({ prefix: "varint" })
 * assert.deepEqual(await toArray(arrays.pipeThrough(stream)), [Uint8Array.of(1, 7, 2, 8, 9)])
 * ```
 */
export class FrameArrayEncoderStream extends Stage<Iterable<Uint8Array>, Uint8Array> {
  constructor(options: FrameOptions = {}) {
    const form = frameForm(options)
    super(encoderTransformer((bodies: Iterable<Uint8Array>) => encodeFrames(bodies, form)))
  }
}
