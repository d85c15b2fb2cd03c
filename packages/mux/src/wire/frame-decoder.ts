import { decodeFrame } from "./decode-frame.ts"
import type { Frame } from "./frame.ts"
import { FrameScanner } from "./frame-scanner.ts"

/** Options of {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  /** The longest payload of a frame, in bytes; the first frame may have 65,536. Default 65,536. */
  readonly maxFrameBytes?: number
}

/**
 * Reads the frames of RFC 0005 from chunks that are cut anywhere. Payloads are views of the chunk
 * where they lie in one. After an error it is of no more use.
 *
 * @example One frame in two chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeFrame, type Frame, FrameDecoder } from "@bellmouth/mux"
 *
 * const bytes = encodeFrame({ type: "credit", id: -1, credit: 5 })
 * const decoder = new FrameDecoder()
 * const frames: Frame[] = []
 * decoder.push(bytes.subarray(0, 3), (frame) => frames.push(frame))
 * decoder.push(bytes.subarray(3), (frame) => frames.push(frame))
 * assert.deepEqual(frames, [{ type: "credit", id: -1, credit: 5 }])
 * ```
 */
export class FrameDecoder {
  readonly #scanner: FrameScanner

  constructor(options: FrameDecoderOptions = {}) {
    const { maxFrameBytes = 65_536 } = options
    this.#scanner = new FrameScanner(maxFrameBytes)
  }

  /** Whether a frame has begun and not ended: input that ends here was cut off. */
  get isWithinFrame(): boolean {
    return this.#scanner.isWithinFrame
  }

  /**
   * Gives each frame that ends in `chunk`.
   *
   * @throws {MuxError} `TOO_LARGE` for a frame over the limit, before its payload has come;
   * `PROTOCOL` for one that breaks a rule by itself.
   */
  push(chunk: Uint8Array, emit: (frame: Frame) => void): void {
    this.#scanner.push(chunk, (bytes, start, end) => {
      emit(decodeFrame(bytes.subarray(start, end)))
    })
  }
}
