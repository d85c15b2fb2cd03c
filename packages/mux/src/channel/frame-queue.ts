import { Ring } from "../streams/ring.ts"
import { HEADER_BYTES } from "../wire/frame.ts"
import { uint32At } from "../wire/uint32-at.ts"

/** Frames of DATA that lie one behind the other, or one item without its header. */
interface Run {
  readonly bytes: Uint8Array
  /** Whether it is one item without its header. */
  readonly isItem: boolean
  at: number
  end: number
}

const SLAB_BYTES = 16_384
const LEAST_KEPT_BYTES = 4096

/**
 * Items that nobody has taken yet. They are kept as the bytes they came in, header and all, so that an
 * item of one byte takes 9 and not an object's hundreds: what is held is what the window counts.
 */
export class FrameQueue {
  /** The cost of all that is held. */
  held = 0
  /** The cost of the item that was taken last. */
  cost = 0
  /** No more than twice of what they hold is kept alive by them. */
  readonly #settled = new Ring<Run>()
  /** What came last, and is behind them: it lies in a chunk that is being gone through. */
  #fresh: Run | undefined
  /** The last of those that are settled, where its bytes are our own, with room behind its end. */
  #slab: Run | undefined
  #slabBytes = 0

  get isEmpty(): boolean {
    return this.#settled.length === 0 && this.#fresh === undefined
  }

  /** Adds the DATA frame that lies in `bytes` from `start` to `end`, or has its payload `apart`. */
  push(bytes: Uint8Array, start: number, end: number, apart?: Uint8Array): void {
    if (apart !== undefined) return this.pushWhole(apart, end - start + apart.byteLength)
    const last = this.#fresh
    this.held += end - start
    if (last?.bytes === bytes && last.end === start) {
      last.end = end
    } else {
      this.settle()
      this.#fresh = { bytes, isItem: false, at: start, end }
    }
  }

  /** Adds an item that was joined, or came apart from its header. */
  pushWhole(bytes: Uint8Array, cost: number): void {
    this.settle()
    this.held += cost
    this.#keep({ bytes, isItem: true, at: 0, end: cost })
  }

  /** The oldest item; `cost` then says its cost. Undefined when there is none. */
  take(): Uint8Array | undefined {
    const run = this.#settled.peek() ?? this.#fresh
    if (run === undefined) return undefined
    const { bytes, isItem, at } = run
    this.cost = isItem ? run.end : HEADER_BYTES + (uint32At(bytes, at) >>> 8)
    this.held -= this.cost
    run.at += this.cost
    if (run.at === run.end) {
      if (run === this.#fresh) this.#fresh = undefined
      else this.#settled.shift()
      if (run === this.#slab) this.#slab = undefined
    }
    return isItem ? bytes : bytes.subarray(at + HEADER_BYTES, run.at)
  }

  clear(): void {
    this.#settled.clear()
    this.#fresh = undefined
    this.#slab = undefined
    this.held = 0
  }

  /**
   * Called when a chunk of the transport has been gone through: copies what would keep far more alive
   * than it holds.
   */
  settle(): void {
    const run = this.#fresh
    if (run === undefined) return
    this.#fresh = undefined
    const { bytes, at, end } = run
    const size = end - at
    if (size >= LEAST_KEPT_BYTES && 2 * size >= bytes.buffer.byteLength) return this.#keep(run)
    const slab = this.#slabFor(size)
    slab.bytes.set(bytes.subarray(at, end), slab.end)
    slab.end += size
  }

  #keep(run: Run): void {
    this.#settled.push(run)
    this.#slab = undefined
  }

  /** A run of our own with room for so many bytes at its end. */
  #slabFor(size: number): Run {
    const last = this.#slab
    if (last !== undefined && last.end + size <= last.bytes.byteLength) return last
    // It grows only behind one that is full: items that stand alone get what they need.
    const least = last === undefined ? 0 : Math.min(SLAB_BYTES, 2 * this.#slabBytes)
    const bytes = new Uint8Array(Math.max(size, least))
    this.#slabBytes = Math.max(least, Math.min(size, SLAB_BYTES))
    const slab = { bytes, isItem: false, at: 0, end: 0 }
    this.#keep(slab)
    this.#slab = slab
    return slab
  }
}
