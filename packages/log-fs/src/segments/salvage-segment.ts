import { type DecodedFrame, decodeFrame, FRAME_HEAD_BYTES } from "../frames/frame.ts"
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts"

const MAGIC = Buffer.from("BMFR")

type Frame = DecodedFrame & { readonly type: "frame" }

/** A frame that was found whole, and where. */
export interface FoundFrame {
  readonly frame: Frame
  readonly position: number
}

/** Frames that follow one another without a gap. One at least. */
export interface FrameRange {
  readonly frames: readonly FoundFrame[]
  /** The offsets of the first record, and after the last. */
  readonly from: number
  readonly until: number
  /** The bytes in the segment. */
  readonly position: number
  readonly end: number
  /** What the first frame names, and the checksum of the last. */
  readonly previous: number
  readonly crc: number
}

/** Bytes of a segment that are no frames that can be shown to be the log's. */
export interface BadRange {
  readonly position: number
  readonly end: number
  /** The offset of the record that was expected there. */
  readonly offset: number
  readonly reason: string
}

/** What a segment is to hold. */
export interface SegmentPlace {
  /** The offset of its first record, and the one that it ends before at the latest. */
  readonly base: number
  readonly limit: number
  /** The checksum before its first frame; undefined when it is not known. */
  readonly previous: number | undefined
  readonly seed: number
}

/** What can be proven of a damaged segment. */
export interface Salvage {
  readonly ranges: readonly FrameRange[]
  readonly bad: readonly BadRange[]
}

/**
 * Finds the frames of a segment that are the log's: whole by their checksum, which knows the log's id; each
 * the next of the one before it, or the first after bytes that are none; and not contradicted by the frame
 * behind them. Everything else is told as bad.
 */
export function salvageSegment(bytes: Uint8Array, place: SegmentPlace): Salvage {
  return new Salvager(bytes, place).run()
}

class Salvager {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #place: SegmentPlace
  readonly #ranges: FrameRange[] = []
  readonly #bad: BadRange[] = []
  #frames: FoundFrame[] = []
  #offset: number

  constructor(bytes: Uint8Array, place: SegmentPlace) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#place = place
    this.#offset = place.base
  }

  run(): Salvage {
    let { previous } = this.#place
    for (let at = SEGMENT_HEADER_BYTES; at < this.#bytes.length; ) {
      const frame = this.#decode(at)
      const fault = this.#faultOf(frame, previous)
      if (fault === undefined && frame.type === "frame") {
        this.#frames.push({ frame, position: at })
        this.#offset += frame.count
        previous = frame.crc
        at += frame.byteLength
        continue
      }
      const begin = this.#dropContradicted(frame, at)
      this.#endRange()
      const next = begin < at ? at : this.#findNext(at)
      this.#note(begin, next ?? this.#bytes.length, fault ?? "")
      if (next === undefined) break
      const found = this.#decode(next)
      if (found.type === "frame") this.#offset = found.offset
      previous = undefined
      at = next
    }
    this.#endRange()
    return { ranges: this.#ranges, bad: this.#bad }
  }

  #decode(at: number): DecodedFrame {
    return decodeFrame(this.#view, at, this.#place.seed)
  }

  #faultOf(frame: DecodedFrame, previous: number | undefined): string | undefined {
    if (frame.type === "short") return `it needs ${frame.needed} bytes, and the file ends before`
    if (frame.type === "bad") return frame.reason
    if (this.#offset >= this.#place.limit) return "the next segment goes on from there"
    if (frame.offset !== this.#offset) {
      return `its frame is for offset ${frame.offset}, and ${this.#offset} is next`
    }
    if (frame.offset + frame.count > this.#place.limit) return "it reaches into the next segment"
    if (previous === undefined || frame.previous === previous) return undefined
    return "its frame does not follow from the one before it"
  }

  /**
   * A whole frame at its offset that names another one before it shows that the one which is there is not
   * the one that was: as when a disk gives back an old block. Gives where the bad bytes begin.
   */
  #dropContradicted(frame: DecodedFrame, at: number): number {
    const isNext = frame.type === "frame" && frame.offset === this.#offset
    if (!isNext || frame.offset + frame.count > this.#place.limit) return at
    const last = this.#frames.pop()
    if (last === undefined) return at
    this.#offset = last.frame.offset
    return last.position
  }

  /** Where frames go on after the bad one at `at`. */
  #findNext(at: number): number | undefined {
    const end = this.#endByLength(at)
    if (end !== undefined) return end
    for (let next = at + 1; ; next++) {
      next = this.#bytes.indexOf(MAGIC, next)
      if (next < 0) return undefined
      if (this.#isNext(this.#decode(next), next)) return next
    }
  }

  /**
   * A frame whose bytes are bad and whose head is not leads to the next one, which names its checksum.
   * What looks like a frame among the bytes of its records is not looked at then.
   */
  #endByLength(at: number): number | undefined {
    if (at + FRAME_HEAD_BYTES > this.#bytes.length) return undefined
    const next = at + this.#view.getUint32(at + 8)
    const frame = next > at && next < this.#bytes.length ? this.#decode(next) : undefined
    if (frame?.type !== "frame" || frame.previous !== this.#view.getUint32(at + 4)) return undefined
    return this.#isNext(frame, next) ? next : undefined
  }

  #isNext(frame: DecodedFrame, at: number): boolean {
    if (frame.type !== "frame" || frame.offset <= this.#offset) return false
    const until = frame.offset + frame.count
    if (until > this.#place.limit) return false
    const after = this.#decode(at + frame.byteLength)
    return after.type !== "frame" || (after.previous === frame.crc && after.offset === until)
  }

  #endRange(): void {
    const [first] = this.#frames
    const last = this.#frames.at(-1)
    if (first === undefined || last === undefined) return
    this.#ranges.push({
      frames: this.#frames,
      from: first.frame.offset,
      until: last.frame.offset + last.frame.count,
      position: first.position,
      end: last.position + last.frame.byteLength,
      previous: first.frame.previous,
      crc: last.frame.crc,
    })
    this.#frames = []
  }

  #note(position: number, end: number, reason: string): void {
    this.#bad.push({ position, end, offset: this.#offset, reason })
  }
}
