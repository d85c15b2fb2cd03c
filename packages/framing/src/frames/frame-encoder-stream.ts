import { Stage } from "@bellmouth/core"
import { encodeFrames, encodePrefix } from "./encode-frames.ts"
import { type FrameOptions, frameForm } from "./frame-options.ts"

/** From here on, copying a body costs more than a second chunk does. */
const COPY_BYTES = 16_384

/**
 * Encodes length-prefixed frames as a stage: one body a chunk in, its frame as bytes out.
 *
 * A frame leaves as one chunk; from 16,384 bytes on its body is not copied but follows its prefix
 * as a chunk of its own, so it passes on to the consumer. A body that is too long fails the stream
 * with a `RangeError`, after earlier frames.
 *
 * @example Write frames
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 * import { FrameEncoderStream } from "@bellmouth/framing"
 *
 * const bodies = from([Uint8Array.of(7), Uint8Array.of(8, 9)])
 * const chunks = await toArray(bodies.pipeThrough(new FrameEncoderStream()))
 * assert.deepEqual(chunks, [Uint8Array.of(0, 0, 0, 1, 7), Uint8Array.of(0, 0, 0, 2, 8, 9)])
 * ```
 */
export class FrameEncoderStream extends Stage<Uint8Array, Uint8Array> {
  constructor(options: FrameOptions = {}) {
    const form = frameForm(options)
    super({
      transform: (body, controller) => {
        if (body.length < COPY_BYTES) controller.enqueue(encodeFrames([body], form))
        else {
          controller.enqueue(encodePrefix(body, form))
          controller.enqueue(body)
        }
      },
    })
  }
}
