import { HEADER_BYTES, HELLO_BYTES } from "./frame.ts"
import { MuxError } from "./mux-error.ts"

/** Told of one whole frame: it lies in `chunk` from `start` to `end`, header and all. */
export type VisitFrame = (chunk: Uint8Array, view: DataView, start: number, end: number) => void

/**
 * Finds whole frames in chunks that are cut anywhere. A frame within one chunk is not copied; one that
 * spans chunks is copied once.
 */
export class FrameScanner {
  readonly #maxFrameBytes: number
  /** The first frame is HELLO, which has a limit of its own. */
  #limit = HELLO_BYTES
  readonly #header = new Uint8Array(HEADER_BYTES)
  readonly #headerView = new DataView(this.#header.buffer)
  /** How much of a frame has come: up to its header first, then all of it. */
  #filled = 0
  #frame: Uint8Array<ArrayBuffer> | undefined

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Whether a frame has begun and not ended. */
  get isWithinFrame(): boolean {
    return this.#filled > 0
  }

  /** @throws {MuxError} `TOO_LARGE` when a frame says that it is longer than the limit. */
  push(chunk: Uint8Array, visit: VisitFrame): void {
    let at = this.#filled > 0 ? this.#complete(chunk, visit) : 0
    const size = chunk.byteLength
    if (size - at >= HEADER_BYTES) {
      const view = new DataView(chunk.buffer, chunk.byteOffset, size)
      while (size - at >= HEADER_BYTES) {
        const end = at + HEADER_BYTES + this.#checked(view.getUint32(at) >>> 8)
        if (end > size) break
        this.#limit = this.#maxFrameBytes
        visit(chunk, view, at, end)
        at = end
      }
    }
    if (at < size) this.#keep(chunk, at)
  }

  /** Ends the frame that has begun, if this chunk does; gives where the next one starts. */
  #complete(chunk: Uint8Array, visit: VisitFrame): number {
    const at = this.#keep(chunk, 0)
    const frame = this.#frame
    if (frame === undefined || this.#filled < frame.byteLength) return at
    this.#frame = undefined
    this.#filled = 0
    this.#limit = this.#maxFrameBytes
    visit(frame, new DataView(frame.buffer), 0, frame.byteLength)
    return at
  }

  /** Copies what belongs to one frame from `at` on; gives where that ends. */
  #keep(chunk: Uint8Array, from: number): number {
    let at = from
    if (this.#frame === undefined) {
      const taken = chunk.subarray(at, at + HEADER_BYTES - this.#filled)
      this.#header.set(taken, this.#filled)
      this.#filled += taken.byteLength
      at += taken.byteLength
      if (this.#filled < HEADER_BYTES) return at
      const length = this.#checked(this.#headerView.getUint32(0) >>> 8)
      this.#frame = new Uint8Array(HEADER_BYTES + length)
      this.#frame.set(this.#header)
    }
    const taken = chunk.subarray(at, at + this.#frame.byteLength - this.#filled)
    this.#frame.set(taken, this.#filled)
    this.#filled += taken.byteLength
    return at + taken.byteLength
  }

  #checked(length: number): number {
    if (length <= this.#limit) return length
    const state = `it has ${length} bytes, at most ${this.#limit} are taken`
    throw new MuxError("TOO_LARGE", `Cannot receive a frame: ${state}`)
  }
}
