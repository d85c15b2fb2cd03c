import type { LayerFile } from "./file-layer.ts"
import { type DecodedFrame, decodeFrame, FRAME_HEAD_BYTES } from "./frame.ts"
import { readAll } from "./write-all.ts"

/** How much is read at a time; a longer frame is read whole. */
const CHUNK_BYTES = 1_048_576
const NOTHING = new Uint8Array(0)

/** A frame, and where in its chunk it begins. */
export type PlacedFrame = DecodedFrame & { readonly type: "frame"; readonly at: number }

/** Where the next frame of a segment is expected. */
export interface FrameExpectation {
  readonly position: number
  readonly offset: number
  /** The checksum that the frame has to name; undefined when it is not known. */
  readonly previous: number | undefined
}

/** Frames that were read together. `bytes` belongs to the receiver. */
export interface FrameChunk {
  readonly bytes: Uint8Array
  readonly frames: readonly PlacedFrame[]
  /** What is wrong with the frame after the last, if so. */
  readonly fault: { readonly position: number; readonly reason: string } | undefined
}

/** Reads the frames of one segment in order, and checks each, and that it is the next one. */
export class FrameReader {
  readonly #file: LayerFile
  readonly #seed: number
  #position: number
  #offset: number
  #previous: number | undefined
  /** Bytes before the read position that no whole frame was made of yet. */
  #rest: Uint8Array = NOTHING
  #needed = FRAME_HEAD_BYTES

  constructor(file: LayerFile, first: FrameExpectation, seed: number) {
    this.#file = file
    this.#seed = seed
    this.#position = first.position
    this.#offset = first.offset
    this.#previous = first.previous
  }

  /** Where the next frame is expected. */
  get next(): FrameExpectation {
    return { position: this.#position, offset: this.#offset, previous: this.#previous }
  }

  /**
   * Reads frames with offsets before `limit` and bytes before `end`. Bytes at `limit` and after are
   * not kept: a writer may be changing them.
   */
  async read(limit: number, end: number): Promise<FrameChunk> {
    const bytes = await this.#fill(end)
    const frames: PlacedFrame[] = []
    let at = 0
    let fault: string | undefined
    this.#needed = FRAME_HEAD_BYTES
    while (this.#offset < limit && at < bytes.length) {
      const frame = decodeFrame(bytes, at, this.#seed)
      if (frame.type === "short") {
        if (this.#position + frame.needed > end) {
          fault = `it needs ${frame.needed} bytes, and ${end - this.#position} are left`
        }
        this.#needed = frame.needed
        break
      }
      fault = frame.type === "bad" ? frame.reason : this.#misplaced(frame)
      if (frame.type === "bad" || fault !== undefined) break
      frames.push({ ...frame, at })
      at += frame.byteLength
      this.#position += frame.byteLength
      this.#offset += frame.count
      this.#previous = frame.crc
    }
    this.#rest = this.#offset < limit && fault === undefined ? bytes.slice(at) : NOTHING
    return {
      bytes,
      frames,
      fault: fault === undefined ? undefined : { position: this.#position, reason: fault },
    }
  }

  async #fill(end: number): Promise<Uint8Array> {
    const available = end - this.#position
    const length = Math.min(Math.max(CHUNK_BYTES, this.#needed), available)
    if (length <= 0) return NOTHING
    const bytes = new Uint8Array(length)
    bytes.set(this.#rest)
    const kept = this.#rest.length
    const read = await readAll(this.#file, bytes.subarray(kept), this.#position + kept)
    return bytes.subarray(0, kept + read)
  }

  #misplaced(frame: DecodedFrame & { readonly type: "frame" }): string | undefined {
    if (frame.offset !== this.#offset) {
      return `its frame is for offset ${frame.offset}, and ${this.#offset} is next`
    }
    if (this.#previous !== undefined && frame.previous !== this.#previous) {
      return "its frame does not follow from the one before it"
    }
    return undefined
  }
}
