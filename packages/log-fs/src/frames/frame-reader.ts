import type { LayerFile } from "../files/file-layer.ts"
import { ReadAhead } from "../files/read-ahead.ts"
import { type DecodedFrame, decodeFrame, FRAME_HEAD_BYTES } from "./frame.ts"

const NOTHING = new Uint8Array(0)

type Frame = DecodedFrame & { readonly type: "frame" }

/** A frame, and where in its chunk it begins. */
export interface PlacedFrame {
  readonly frame: Frame
  readonly at: number
}

/** Where the next frame of a segment is expected. */
export interface FrameExpectation {
  readonly position: number
  readonly offset: number
  /** The checksum that the frame has to name; undefined when it is not known. */
  readonly previous: number | undefined
}

/** Frames that were read together. `bytes` belongs to the receiver, or is lent until the next. */
export interface FrameChunk {
  readonly bytes: Uint8Array
  readonly frames: readonly PlacedFrame[]
  /** What is wrong with the frame after the last, if so. */
  readonly fault: { readonly position: number; readonly reason: string } | undefined
}

/** Reads the frames of one segment in order, and checks each, and that it is the next one. */
export class FrameReader {
  readonly #ahead: ReadAhead
  readonly #seed: number
  #position: number
  #offset: number
  #previous: number | undefined
  /** Bytes before the read position that no whole frame was made of yet. */
  #rest: Uint8Array = NOTHING
  #needed = FRAME_HEAD_BYTES
  /** The limit when the bytes that were read ahead were asked for. */
  #limit = 0

  /** `lent`: the buffers to lend in turn, so that the readers of one cursor share them. */
  constructor(
    file: LayerFile,
    first: FrameExpectation,
    seed: number,
    lend = false,
    lent: Uint8Array[] = [],
  ) {
    this.#ahead = new ReadAhead(file, lend ? lent : undefined)
    this.#seed = seed
    this.#position = first.position
    this.#offset = first.offset
    this.#previous = first.previous
  }

  /** Where the next frame is expected. */
  get next(): FrameExpectation {
    return { position: this.#position, offset: this.#offset, previous: this.#previous }
  }

  /** Settles when the file is not read any more, and may be closed. */
  idle(): Promise<void> {
    return this.#ahead.idle()
  }

  /**
   * Reads frames with offsets before `limit` and bytes before `end`. Bytes at `limit` and after are
   * not kept: a writer may be changing them.
   */
  async read(limit: number, end: number): Promise<FrameChunk> {
    // What was read ahead may be of the time before what is now up to the limit was written.
    const isAhead = this.#offset < this.#limit
    if (!isAhead) await this.#ahead.idle()
    const until = isAhead ? Math.min(limit, this.#limit) : limit
    this.#limit = limit
    const bytes = await this.#fill(end)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const frames: PlacedFrame[] = []
    let at = 0
    const least = Math.min(this.#needed, end - this.#position)
    let fault = bytes.length < least ? `the file ends after ${bytes.length} bytes of it` : undefined
    this.#needed = FRAME_HEAD_BYTES
    while (fault === undefined && this.#offset < until && at < bytes.length) {
      const frame = decodeFrame(view, at, this.#seed)
      if (frame.type === "short") {
        if (this.#position + frame.needed > end) {
          fault = `it needs ${frame.needed} bytes, and ${end - this.#position} are left`
        }
        this.#needed = frame.needed
        break
      }
      if (frame.type === "bad") {
        fault = frame.reason
        break
      }
      fault = this.#misplaced(frame)
      if (fault !== undefined) break
      frames.push({ frame, at })
      at += frame.byteLength
      this.#position += frame.byteLength
      this.#offset += frame.count
      this.#previous = frame.crc
    }
    this.#rest = this.#offset < until && fault === undefined ? bytes.slice(at) : NOTHING
    return {
      bytes,
      frames,
      fault: fault === undefined ? undefined : { position: this.#position, reason: fault },
    }
  }

  async #fill(end: number): Promise<Uint8Array> {
    const rest = this.#rest
    const position = this.#position + rest.length
    return position < end ? this.#ahead.read(rest, position, this.#needed, end) : rest
  }

  #misplaced(frame: Frame): string | undefined {
    if (frame.offset !== this.#offset) {
      return `its frame is for offset ${frame.offset}, and ${this.#offset} is next`
    }
    if (this.#previous !== undefined && frame.previous !== this.#previous) {
      return "its frame does not follow from the one before it"
    }
    return undefined
  }
}
