import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import { ByteCollector } from "../transformers/byte-collector.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { plainBytes } from "../transformers/plain-bytes.ts"
import { join } from "../utf8/utf8-decoder.ts"
import { type FrameForm, type FrameOptions, frameForm } from "./frame-options.ts"

const NOTHING = new Uint8Array(0)
/** The most of a prefix that is held: one of ours takes ten at most. */
const MOST_PREFIX_BYTES = 1024

/**
 * Decodes length-prefixed frames: bytes in, the body of one frame after the other out.
 *
 * A frame that lies in one chunk is a view of that chunk, so the chunk passes to the decoder: it
 * must not be reused. A frame that was cut is a fresh copy; its memory grows with what arrives, not
 * with what the prefix says. An empty frame is given. Throws a {@link FramingError} with `record`
 * and `byteOffset`, after all earlier frames: `FRAME_TOO_LARGE`, `INVALID_LENGTH`, and `TRUNCATED`
 * when the input ends inside a frame.
 *
 * @example Decode a frame that is cut
 * ```ts
 * import assert from "node:assert/strict"
 * import { FrameDecoder } from "@bellmouth/framing"
 *
 * const frames: Uint8Array[] = []
 * const keep = (frame: Uint8Array) => frames.push(frame)
 * const decoder = new FrameDecoder()
 * decoder.push(Uint8Array.of(0, 0, 0, 2, 7), keep)
 * decoder.push(Uint8Array.of(8, 0, 0, 0, 0), keep)
 * decoder.finish()
 * assert.deepEqual(frames, [Uint8Array.of(7, 8), Uint8Array.of()])
 * ```
 */
export class FrameDecoder implements IncrementalDecoder<Uint8Array> {
  readonly #form: FrameForm
  readonly #body = new ByteCollector()
  /** The prefix as far as it came, when it is not whole. */
  #head: Uint8Array = NOTHING
  /** How long the unfinished body will be, -1 between frames. */
  #length = -1
  #records = 0
  /** Bytes of the stream before the current frame's prefix, and of that prefix. */
  #start = 0
  #prefixBytes = 0

  constructor(options: FrameOptions = {}) {
    this.#form = frameForm(options)
  }

  /** Takes one chunk and emits every frame that it completes. */
  push(chunk: Uint8Array, emit: (frame: Uint8Array) => void): void {
    let bytes = plainBytes(chunk)
    let at = 0
    if (this.#head.length > 0) {
      bytes = join(this.#head, bytes)
      this.#head = NOTHING
    } else if (this.#length !== -1) {
      const end = Math.min(this.#length - this.#body.length, bytes.length)
      this.#body.add(bytes.subarray(0, end))
      at = end
      if (this.#body.length < this.#length) return
      this.#frame(this.#body.take(), emit)
    }
    const { prefix } = this.#form
    for (;;) {
      const left = bytes.length - at
      const size = prefix.sizeAt(bytes, at)
      if (size === 0 && left <= MOST_PREFIX_BYTES) {
        this.#head = bytes.slice(at)
        return
      }
      // What a prefix of somebody else's says is believed where it can be.
      this.#length = this.#check(size > 0 && size <= left ? prefix.lengthAt(bytes, at) : -1)
      this.#prefixBytes = size
      at += size
      if (bytes.length - at < this.#length) {
        this.#body.add(bytes.subarray(at))
        return
      }
      const body = bytes.subarray(at, at + this.#length)
      at += this.#length
      this.#frame(body, emit)
    }
  }

  /** Says that no chunk follows: the last frame must be whole. */
  finish(): void {
    if (this.#length !== -1)
      throw this.#error("TRUNCATED", `${this.#body.length} of ${this.#length} bytes came`)
    if (this.#head.length > 0)
      throw this.#error("TRUNCATED", `${this.#head.length} bytes of its prefix came`)
  }

  #frame(body: Uint8Array, emit: (frame: Uint8Array) => void): void {
    this.#start += this.#prefixBytes + this.#length
    this.#length = -1
    this.#records += 1
    emit(body)
  }

  #check(length: number): number {
    if (!(Number.isSafeInteger(length) && length >= 0))
      throw this.#error("INVALID_LENGTH", "its prefix is not a valid length")
    const { maxFrameBytes } = this.#form
    if (length <= maxFrameBytes) return length
    const state = `its ${length} bytes are more than maxFrameBytes (${maxFrameBytes})`
    throw this.#error("FRAME_TOO_LARGE", `${state}; raise the limit if it is expected`)
  }

  #error(code: FramingErrorCode, state: string): FramingError {
    const record = this.#records + 1
    const byteOffset = this.#start
    const message = `Cannot decode frame ${record} at byte ${byteOffset}: ${state}`
    return new FramingError(code, message, { record, byteOffset })
  }
}
