import { DATA, HEADER_BYTES, TEXT_BYTES } from "./frame.ts"
import { NOTHING } from "./nothing.ts"

/** Slabs grow from the one to the other: a session that says little costs little. */
const LEAST_SLAB_BYTES = 256
const MOST_SLAB_BYTES = 32_768
/** From here on a payload is worth a chunk of its own where that saves a copy. */
const OWN_CHUNK_BYTES = 4096

const utf8 = new TextEncoder()

/** Writes one frame, or none when there is nothing to say any more. */
export type Control = (writer: FrameWriter) => void

/** Writes frames, one behind the other, into as few chunks as can be; each holds whole frames. */
export class FrameWriter {
  /** Bytes that were written and not taken. */
  byteLength = 0
  readonly isByteStream: boolean
  #slab = new Uint8Array(0)
  #view = new DataView(this.#slab.buffer)
  #start = 0
  #at = 0
  readonly #chunks: Uint8Array[] = []

  /** In a byte stream a large payload becomes a chunk of its own, uncopied. */
  constructor(isByteStream = false) {
    this.isByteStream = isByteStream
  }

  /** Writes DATA: the bytes of `item` from `from` to `to`. It owns them from now on. */
  data(id: number, flags: number, item: Uint8Array, from: number, to: number): void {
    const length = to - from
    const payload = length === item.byteLength ? item : item.subarray(from, to)
    if (length >= OWN_CHUNK_BYTES && this.isByteStream) {
      this.#header(DATA, flags, id, length, 0)
      this.#cut()
      this.#chunks.push(payload)
      this.byteLength += length
      return
    }
    this.#header(DATA, flags, id, length, length)
    this.#slab.set(payload, this.#at)
    this.#at += length
    this.byteLength += length
  }

  /** Writes any other frame: numbers of 32 bits, then bytes or a text, which is cut to 1,024 bytes. */
  put(
    type: number,
    flags: number,
    id: number,
    rest: Uint8Array | string,
    ...numbers: number[]
  ): void {
    const bytes = typeof rest === "string" ? encodeText(rest) : rest
    const length = 4 * numbers.length + bytes.byteLength
    this.#header(type, flags, id, length, length)
    for (const number of numbers) {
      this.#view.setUint32(this.#at, number)
      this.#at += 4
    }
    this.#slab.set(bytes, this.#at)
    this.#at += bytes.byteLength
    this.byteLength += length
  }

  /** The oldest chunk, which the caller owns; undefined when nothing was written. */
  take(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#cut()
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.byteLength -= chunk.byteLength
    return chunk
  }

  /** Makes room for a header and `room` bytes behind it, and writes the header. */
  #header(type: number, flags: number, id: number, length: number, room: number): void {
    const needed = HEADER_BYTES + room
    if (this.#at + needed > this.#slab.byteLength) this.#grow(needed)
    this.#view.setUint32(this.#at, (length << 8) | (type << 4) | flags)
    this.#view.setInt32(this.#at + 4, id)
    this.#at += HEADER_BYTES
    this.byteLength += HEADER_BYTES
  }

  #grow(needed: number): void {
    const size = Math.min(MOST_SLAB_BYTES, 2 * this.#slab.byteLength)
    // While slabs are small, what waits in one goes on in the next: a batch stays one chunk.
    if (this.#at - this.#start + needed > MOST_SLAB_BYTES || size < 2 * this.#slab.byteLength) {
      this.#cut()
    }
    // A slab that was given away whole may have been transferred since, and has no views any more.
    const isEmpty = this.#start === this.#at
    const waiting = isEmpty ? NOTHING : this.#slab.subarray(this.#start, this.#at)
    this.#slab = new Uint8Array(Math.max(LEAST_SLAB_BYTES, size, waiting.byteLength + needed))
    this.#slab.set(waiting)
    this.#view = new DataView(this.#slab.buffer)
    this.#start = 0
    this.#at = waiting.byteLength
  }

  #cut(): void {
    if (this.#at > this.#start) this.#chunks.push(this.#slab.subarray(this.#start, this.#at))
    this.#start = this.#at
  }
}

/** A text of at most 1,024 bytes, cut between characters. */
function encodeText(text: string): Uint8Array {
  if (text === "") return NOTHING
  const bytes = new Uint8Array(Math.min(TEXT_BYTES, 3 * text.length))
  return bytes.subarray(0, utf8.encodeInto(text, bytes).written)
}
