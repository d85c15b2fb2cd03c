import { ACK, HEADER_BYTES, HELLO, PING } from "../wire/frame.ts"
import { uint32At } from "../wire/uint32-at.ts"

/** A chunk of whole frames. */
interface Entry {
  readonly bytes: Uint8Array
  /** How many numbered frames were sent before it. */
  readonly before: number
  /** How many it holds. */
  readonly count: number
}

const NONE: Entry = { bytes: new Uint8Array(0), before: 0, count: 0 }

/** Whether a frame of this type has a number: HELLO, PING and ACK belong to one transport alone. */
export function isNumbered(type: number): boolean {
  return type !== HELLO && type !== PING && type !== ACK
}

/** Frames that were sent and that the other side has not acknowledged: to be sent again. Pure. */
export class ReplayBuffer {
  /** Numbered frames that were pushed. */
  pushed = 0
  /** Numbered frames that the other side has. */
  acknowledged = 0
  /** What it holds, in bytes. */
  byteLength = 0
  #entries: Entry[] = []
  /** The first one that is kept. */
  #first = 0
  /** The next one to be sent on this transport. */
  #next = 0

  /**
   * Takes a chunk of whole frames, which it owns from now on.
   *
   * @throws {TypeError} when the frames are not whole: they could not be told apart later.
   */
  push(bytes: Uint8Array): void {
    const before = this.pushed
    visitFrames(bytes, (type) => {
      if (isNumbered(type)) this.pushed++
    })
    this.#entries.push({ bytes, before, count: this.pushed - before })
    this.byteLength += bytes.byteLength
  }

  /** Whether the other side has all that has a number. */
  get isAcknowledged(): boolean {
    return this.acknowledged === this.pushed
  }

  /** Whether all was given to this transport. */
  get isSent(): boolean {
    return this.#next === this.#entries.length
  }

  /** Gives what comes next; undefined when all was given. */
  take(): Uint8Array | undefined {
    const entry = this.#entries[this.#next]
    if (entry === undefined) return undefined
    this.#next++
    return entry.bytes
  }

  /** Drops what was given, to a peer that never asks for it again. */
  forget(): void {
    while (this.#first < this.#next) this.acknowledged += this.#drop().count
    this.#compact()
  }

  /**
   * Drops what the other side has: `count` modulo 2^32 frames. False when it can not have so many.
   */
  acknowledge(count: number): boolean {
    const total = this.acknowledged + ((count - this.acknowledged) >>> 0)
    if (total > this.pushed) return false
    this.acknowledged = total
    while (this.#first < this.#next) {
      const { before, count: held } = this.#entries[this.#first] ?? NONE
      if (before + held > total) break
      this.#drop()
    }
    this.#trim()
    this.#compact()
    return true
  }

  /** Begins anew behind what the other side has. False when it can not have so many. */
  rewind(count: number): boolean {
    this.#next = this.#entries.length
    if (!this.acknowledge(count)) return false
    this.#next = this.#first
    return true
  }

  /** Drops the first one. */
  #drop(): Entry {
    const entry = this.#entries[this.#first] ?? NONE
    this.#entries[this.#first++] = NONE
    this.byteLength -= entry.bytes.byteLength
    return entry
  }

  /** Moves what is kept to the front, not more often than as many were dropped as are moved. */
  #compact(): void {
    if (2 * this.#first < this.#entries.length) return
    this.#entries.splice(0, this.#first)
    this.#next -= this.#first
    this.#first = 0
  }

  /** Of a chunk that the other side has in part, the rest is kept: so what is kept is what it lacks. */
  #trim(): void {
    const first = this.#entries[this.#first]
    const surplus = first === undefined ? 0 : this.acknowledged - first.before
    if (first === undefined || surplus <= 0 || this.#next === this.#first) return
    const bytes = behind(first.bytes, surplus)
    this.byteLength -= first.bytes.byteLength - bytes.byteLength
    this.#entries[this.#first] = { bytes, before: this.acknowledged, count: first.count - surplus }
  }
}

function visitFrames(bytes: Uint8Array, visit: (type: number, end: number) => void): void {
  for (let at = 0; at < bytes.byteLength; ) {
    const length = bytes.byteLength - at < HEADER_BYTES ? 0 : uint32At(bytes, at) >>> 8
    const end = at + HEADER_BYTES + length
    if (end > bytes.byteLength) {
      const advice = "a session that resumes must not be told isByteStream"
      throw new TypeError(`Cannot keep a chunk that ends within a frame: ${advice}`)
    }
    visit((uint32At(bytes, at) >>> 4) & 15, end)
    at = end
  }
}

/** What follows the first `count` numbered frames. */
function behind(bytes: Uint8Array, count: number): Uint8Array {
  let left = count
  let from = 0
  visitFrames(bytes, (type, end) => {
    if (left > 0 && isNumbered(type)) {
      left--
      from = end
    }
  })
  return bytes.subarray(from)
}
