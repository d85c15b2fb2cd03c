import { DATA, HEADER_BYTES, HELLO_BYTES } from "./frame.ts"
import { tooLarge } from "./too-large.ts"
import { uint32At } from "./uint32-at.ts"

/**
 * Told of one whole frame: it lies in `chunk` from `start` to `end`, header and all. With `apart` that
 * is the header alone, of DATA whose payload is `apart`.
 */
export type VisitFrame = (chunk: Uint8Array, start: number, end: number, apart?: Uint8Array) => void

/**
 * How large payloads of DATA are given: in one piece with their headers; or as a view of their chunk
 * where they lie apart from those; or that, and where they come in two chunks in the first of them, if
 * it is all of its buffer, which is written over.
 */
export type LargePayloads = "joined" | "apart" | "in place"

/** From here on a payload is given as `LargePayloads` says. */
const APART_BYTES = 4096

/**
 * Finds whole frames in chunks that are cut anywhere. A frame within one chunk is not copied; one that
 * spans chunks is copied once, unless only its header does.
 */
export class FrameScanner {
  readonly #maxFrameBytes: number
  readonly #payloads: LargePayloads
  /** The first frame is HELLO, which has a limit of its own. */
  #limit = HELLO_BYTES
  readonly #header = new Uint8Array(HEADER_BYTES)
  /** How much of a frame has come: up to its header first, then all of it. */
  #filled = 0
  /** Of the frame whose header has come. */
  #length = 0
  #isApart = false
  /** Whether anybody has a view of the chunk. */
  #isSeen = false
  /** Where the payload is gathered, behind the header unless it is apart. */
  #frame: Uint8Array<ArrayBuffer> | undefined

  constructor(maxFrameBytes: number, payloads: LargePayloads = "joined") {
    this.#maxFrameBytes = maxFrameBytes
    this.#payloads = payloads
  }

  /** Whether a frame has begun and not ended. */
  get isWithinFrame(): boolean {
    return this.#filled > 0
  }

  /** @throws {MuxError} `TOO_LARGE` when a frame says that it is longer than the limit. */
  push(chunk: Uint8Array, visit: VisitFrame): void {
    this.#isSeen = false
    let at = this.#filled > 0 ? this.#complete(chunk, visit) : 0
    const size = chunk.byteLength
    while (size - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + this.#checked(uint32At(chunk, at) >>> 8)
      if (end > size) break
      this.#limit = this.#maxFrameBytes
      this.#isSeen = true
      visit(chunk, at, end)
      at = end
    }
    if (at < size) at = this.#keepHeader(chunk, at)
    if (at < size && !this.#reuse(chunk, at)) this.#keepPayload(chunk, at)
  }

  /** Ends the frame that has begun, if this chunk does; gives where the next one starts. */
  #complete(chunk: Uint8Array, visit: VisitFrame): number {
    let at = this.#keepHeader(chunk, 0)
    if (this.#filled < HEADER_BYTES) return at
    let frame: Uint8Array | undefined
    if (this.#isWhole(chunk, at)) {
      this.#isSeen = true
      const isAll = chunk.byteLength === this.#length
      frame = isAll ? chunk : chunk.subarray(at, at + this.#length)
      at += this.#length
    } else {
      at = this.#keepPayload(chunk, at)
      if (this.#filled < HEADER_BYTES + this.#length) return at
      frame = this.#frame
    }
    this.#frame = undefined
    this.#filled = 0
    this.#limit = this.#maxFrameBytes
    if (frame === undefined) return at
    if (this.#isApart) visit(this.#header, 0, HEADER_BYTES, frame)
    else visit(frame, 0, frame.byteLength)
    return at
  }

  /** Whether the payload lies in the chunk, all of it, with little else that a view would keep alive. */
  #isWhole(chunk: Uint8Array, at: number): boolean {
    if (!this.#isApart || this.#frame !== undefined) return false
    return chunk.byteLength - at >= this.#length && chunk.buffer.byteLength <= 2 * this.#length
  }

  /** Gathers the payload in the chunk's own buffer, of which nobody has a view, if it is of its size. */
  #reuse({ buffer, byteLength }: Uint8Array, at: number): boolean {
    if (this.#payloads !== "in place" || this.#isSeen || !this.#isApart) return false
    if (byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return false
    if (byteLength < this.#length || byteLength > 2 * this.#length) return false
    this.#frame = new Uint8Array(buffer).copyWithin(0, at).subarray(0, this.#length)
    this.#filled += byteLength - at
    return true
  }

  /** Copies what is missing of a header from `at` on; gives where that ends. */
  #keepHeader(chunk: Uint8Array, at: number): number {
    if (this.#filled >= HEADER_BYTES) return at
    let from = at
    while (this.#filled < HEADER_BYTES && from < chunk.byteLength) {
      this.#header[this.#filled++] = chunk[from++] ?? 0
    }
    if (this.#filled === HEADER_BYTES) {
      const word = uint32At(this.#header, 0)
      this.#length = this.#checked(word >>> 8)
      const isData = ((word >>> 4) & 15) === DATA
      this.#isApart = this.#payloads !== "joined" && isData && this.#length >= APART_BYTES
    }
    return from
  }

  /** Copies what is missing of the payload from `at` on; gives where that ends. */
  #keepPayload(chunk: Uint8Array, at: number): number {
    const lead = this.#isApart ? 0 : HEADER_BYTES
    if (this.#frame === undefined) {
      this.#frame = new Uint8Array(lead + this.#length)
      if (!this.#isApart) this.#frame.set(this.#header)
    }
    const taken = chunk.subarray(at, at + HEADER_BYTES + this.#length - this.#filled)
    this.#frame.set(taken, this.#filled - HEADER_BYTES + lead)
    this.#filled += taken.byteLength
    return at + taken.byteLength
  }

  #checked(length: number): number {
    if (length <= this.#limit) return length
    throw tooLarge("receive a frame", length, this.#limit)
  }
}
