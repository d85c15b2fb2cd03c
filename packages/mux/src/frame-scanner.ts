import { DATA, HEADER_BYTES, HELLO_BYTES } from "./frame.ts"
import { MuxError } from "./mux-error.ts"

/**
 * Told of one whole frame: it lies in `chunk` from `start` to `end`, header and all. With `apart` that
 * is the header alone, of DATA whose payload is `apart`.
 */
export type VisitFrame = (
  chunk: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  apart?: Uint8Array,
) => void

/** From here on a payload is worth not being copied. */
const LARGE_BYTES = 4096

/**
 * Finds whole frames in chunks that are cut anywhere. A frame within one chunk is not copied; one that
 * spans chunks is copied once, unless its payload is all there is in its chunk.
 */
export class FrameScanner {
  readonly #maxFrameBytes: number
  readonly #givesApart: boolean
  /** The first frame is HELLO, which has a limit of its own. */
  #limit = HELLO_BYTES
  readonly #header = new Uint8Array(HEADER_BYTES)
  readonly #headerView = new DataView(this.#header.buffer)
  /** How much of a frame has come: up to its header first, then all of it. */
  #filled = 0
  #frame: Uint8Array<ArrayBuffer> | undefined

  /** Without `givesApart` each frame is given in one piece. */
  constructor(maxFrameBytes: number, givesApart = false) {
    this.#maxFrameBytes = maxFrameBytes
    this.#givesApart = givesApart
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
    if (at < size) at = this.#keepHeader(chunk, at)
    if (at < size) this.#keepPayload(chunk, at)
  }

  /** Ends the frame that has begun, if this chunk does; gives where the next one starts. */
  #complete(chunk: Uint8Array, visit: VisitFrame): number {
    let at = this.#keepHeader(chunk, 0)
    if (this.#filled < HEADER_BYTES) return at
    if (this.#givesApart && this.#isWhole(chunk, at)) {
      const end = at + this.#length
      this.#filled = 0
      this.#limit = this.#maxFrameBytes
      visit(this.#header, this.#headerView, 0, HEADER_BYTES, chunk.subarray(at, end))
      return end
    }
    at = this.#keepPayload(chunk, at)
    const frame = this.#frame
    if (frame === undefined || this.#filled < frame.byteLength) return at
    this.#frame = undefined
    this.#filled = 0
    this.#limit = this.#maxFrameBytes
    visit(frame, new DataView(frame.buffer), 0, frame.byteLength)
    return at
  }

  /** Of the frame whose header has come. */
  get #length(): number {
    return this.#headerView.getUint32(0) >>> 8
  }

  /** Whether DATA lies in the chunk, all of it, with little else that a view would keep alive. */
  #isWhole(chunk: Uint8Array, at: number): boolean {
    const length = this.#length
    const isDataToCome = this.#frame === undefined && this.#headerView.getUint8(3) >>> 4 === DATA
    if (!isDataToCome || length < LARGE_BYTES || chunk.byteLength - at < length) return false
    return 2 * length >= chunk.buffer.byteLength
  }

  /** Copies what is missing of a header from `at` on; gives where that ends. */
  #keepHeader(chunk: Uint8Array, at: number): number {
    if (this.#filled >= HEADER_BYTES) return at
    const taken = chunk.subarray(at, at + HEADER_BYTES - this.#filled)
    this.#header.set(taken, this.#filled)
    this.#filled += taken.byteLength
    if (this.#filled === HEADER_BYTES) this.#checked(this.#length)
    return at + taken.byteLength
  }

  /** Copies what is missing of the payload from `at` on; gives where that ends. */
  #keepPayload(chunk: Uint8Array, at: number): number {
    if (this.#frame === undefined) {
      this.#frame = new Uint8Array(HEADER_BYTES + this.#length)
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
