import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"

/** The bytes "BMIX". */
const MAGIC = 0x424d4958
const HEAD_BYTES = 16
const ENTRY_BYTES = 16
/** An entry stands for so many bytes of frames at least. */
const SPACING = 65_536

/** Where a frame begins: its first record's offset, and its position in the segment. */
export interface IndexEntry {
  readonly offset: number
  readonly position: number
}

/**
 * Some frames of one segment, every 64 KiB: where to begin reading. It only saves time; the frame
 * that is found there is checked like every other.
 */
export class SparseIndex {
  readonly #entries: IndexEntry[] = []

  /** Takes note of a frame; the frames come in order. */
  add(offset: number, position: number): void {
    const last = this.#entries.at(-1)
    if (last === undefined || position - last.position >= SPACING) {
      this.#entries.push({ offset, position })
    }
  }

  /** The last entry at or before `offset`. */
  find(offset: number): IndexEntry | undefined {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle]?.offset ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return this.#entries[low - 1]
  }

  encode(seed: number): Uint8Array {
    const bytes = new Uint8Array(HEAD_BYTES + this.#entries.length * ENTRY_BYTES)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, MAGIC)
    view.setUint32(8, this.#entries.length)
    for (const [index, { offset, position }] of this.#entries.entries()) {
      view.setBigUint64(HEAD_BYTES + index * ENTRY_BYTES, BigInt(offset))
      view.setBigUint64(HEAD_BYTES + index * ENTRY_BYTES + 8, BigInt(position))
    }
    view.setUint32(CHECKSUM_AT, checksumOf(bytes, seed))
    return bytes
  }

  /** Gives undefined when the bytes are not those of an index of this log. */
  static decode(bytes: Uint8Array, seed: number): SparseIndex | undefined {
    if (bytes.length < HEAD_BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const count = view.getUint32(8)
    if (view.getUint32(0) !== MAGIC || bytes.length !== HEAD_BYTES + count * ENTRY_BYTES)
      return undefined
    if (checksumOf(bytes, seed) !== view.getUint32(CHECKSUM_AT)) return undefined
    const index = new SparseIndex()
    for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES) {
      index.add(Number(view.getBigUint64(at)), Number(view.getBigUint64(at + 8)))
    }
    return index
  }
}
