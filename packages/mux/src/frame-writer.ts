import {
  ABORT,
  ACK,
  CANCEL,
  CREDIT,
  DATA,
  FIN,
  type Frame,
  GOAWAY,
  HEADER_BYTES,
  HELLO,
  MORE,
  OPEN,
  PING,
  REPLY,
  TEXT_BYTES,
} from "./frame.ts"

/** Slabs grow from the one to the other: a session that says little costs little. */
const LEAST_SLAB_BYTES = 256
const MOST_SLAB_BYTES = 32_768
/** From here on a payload is worth a chunk of its own where that saves a copy. */
const LARGE_BYTES = 4096

const utf8 = new TextEncoder()

/** Writes frames, one behind the other, into as few chunks as can be; each holds whole frames. */
export class FrameWriter {
  /** Bytes written since the last `take`. */
  byteLength = 0
  readonly #isByteStream: boolean
  #slab = new Uint8Array(0)
  #view = new DataView(this.#slab.buffer)
  #start = 0
  #at = 0
  #chunks: Uint8Array[] = []

  /** In a byte stream a large payload becomes a chunk of its own, uncopied. */
  constructor(isByteStream = false) {
    this.#isByteStream = isByteStream
  }

  /** Writes DATA: the bytes of `item` from `from` to `to`. It owns them from now on. */
  data(id: number, flags: number, item: Uint8Array, from: number, to: number): void {
    const length = to - from
    const payload = length === item.byteLength ? item : item.subarray(from, to)
    if (length >= LARGE_BYTES && this.#isByteStream) {
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

  frame(frame: Frame): void {
    switch (frame.type) {
      case "data": {
        const { payload } = frame
        const flags = (frame.fin ? FIN : 0) | (frame.more ? MORE : 0)
        return this.data(frame.id, flags, payload, 0, payload.byteLength)
      }
      case "open": {
        const flags = (frame.fin ? FIN : 0) | (frame.more ? MORE : 0)
        return this.#numbers(OPEN, flags, frame.id, frame.head, frame.credit)
      }
      case "credit":
        return this.#numbers(CREDIT, 0, frame.id, NOTHING, frame.credit)
      case "abort":
        return this.#numbers(ABORT, frame.fin ? FIN : 0, frame.id, text(frame.text), frame.code)
      case "cancel":
        return this.#numbers(CANCEL, 0, frame.id, text(frame.text), frame.code)
      case "hello":
        return this.#numbers(HELLO, 0, 0, frame.payload)
      case "ping":
        return this.#numbers(PING, frame.ack ? REPLY : 0, 0, frame.payload)
      case "goaway":
        return this.#numbers(GOAWAY, 0, 0, text(frame.text), frame.last, frame.code)
      case "ack":
        return this.#numbers(ACK, 0, 0, NOTHING, frame.count)
      case "unknown":
        return this.#numbers(frame.number, 0, frame.id, frame.payload)
      default:
        return frame satisfies never
    }
  }

  /** The chunks that were written since the last call; the caller owns them. */
  take(): Uint8Array[] {
    this.#cut()
    const chunks = this.#chunks
    this.#chunks = []
    this.byteLength = 0
    return chunks
  }

  /** A frame of numbers, then bytes. */
  #numbers(type: number, flags: number, id: number, rest: Uint8Array, ...numbers: number[]): void {
    const length = 4 * numbers.length + rest.byteLength
    this.#header(type, flags, id, length, length)
    for (const number of numbers) {
      this.#view.setUint32(this.#at, number)
      this.#at += 4
    }
    this.#slab.set(rest, this.#at)
    this.#at += rest.byteLength
    this.byteLength += length
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

const NOTHING = new Uint8Array(0)

/** A text of at most 1,024 bytes, cut between characters. */
function text(text: string): Uint8Array {
  if (text === "") return NOTHING
  const bytes = new Uint8Array(Math.min(TEXT_BYTES, 3 * text.length))
  return bytes.subarray(0, utf8.encodeInto(text, bytes).written)
}
