import { Ring } from "../streams/ring.ts"
import { HEADER_BYTES } from "../wire/frame.ts"

/** Frames of DATA that lie one behind the other, or one item without its header. */
interface Run {
  readonly bytes: Uint8Array
  /** Undefined where there is no header. */
  readonly view: DataView | undefined
  at: number
  end: number
  /** No more than twice of what it holds is kept alive by it. */
  isSettled: boolean
  /** Its bytes are our own, with room behind its end. */
  readonly isSlab: boolean
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
  readonly #runs = new Ring<Run>()
  #slabBytes = 0
  /** The cost of the item that was taken last. */
  cost = 0

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  /** Adds the DATA frame that lies in `bytes` from `start` to `end`, or has its payload `apart`. */
  push(bytes: Uint8Array, view: DataView, start: number, end: number, apart?: Uint8Array): void {
    if (apart !== undefined) return this.pushWhole(apart, end - start + apart.byteLength)
    const last = this.#runs.last()
    this.held += end - start
    if (last?.bytes === bytes && last.end === start) last.end = end
    else this.#runs.push({ bytes, view, at: start, end, isSettled: false, isSlab: false })
  }

  /** Adds an item that was joined, or came apart from its header. */
  pushWhole(bytes: Uint8Array, cost: number): void {
    // What came before it in this chunk would else lie behind it, where nobody looks any more.
    this.settle()
    this.held += cost
    this.#runs.push({ bytes, view: undefined, at: 0, end: cost, isSettled: true, isSlab: false })
  }

  /** The oldest item; `cost` then says its cost. Undefined when there is none. */
  take(): Uint8Array | undefined {
    const run = this.#runs.peek()
    if (run === undefined) return undefined
    const { bytes, view, at } = run
    this.cost = view === undefined ? run.end : HEADER_BYTES + (view.getUint32(at) >>> 8)
    this.held -= this.cost
    run.at += this.cost
    if (run.at === run.end) this.#runs.shift()
    return view === undefined ? bytes : bytes.subarray(at + HEADER_BYTES, run.at)
  }

  clear(): void {
    this.#runs.clear()
    this.held = 0
  }

  /**
   * Called when a chunk of the transport has been gone through: copies what would keep far more alive
   * than it holds.
   */
  settle(): void {
    const fresh: Run[] = []
    for (let last = this.#runs.last(); last?.isSettled === false; last = this.#runs.last()) {
      fresh.push(last)
      this.#runs.pop()
    }
    for (const run of fresh.reverse()) {
      const size = run.end - run.at
      if (size >= LEAST_KEPT_BYTES && 2 * size >= run.bytes.buffer.byteLength) {
        run.isSettled = true
        this.#runs.push(run)
      } else {
        this.#copy(run, size)
      }
    }
  }

  #copy(run: Run, size: number): void {
    const slab = this.#slab(size)
    slab.bytes.set(run.bytes.subarray(run.at, run.end), slab.end)
    slab.end += size
  }

  /** A run of our own with room for so many bytes at its end. */
  #slab(size: number): Run {
    const last = this.#runs.last()
    const isSlab = last?.isSlab === true
    if (isSlab && last.end + size <= last.bytes.byteLength) return last
    // It grows only behind one that is full: items that stand alone get what they need.
    this.#slabBytes = isSlab ? Math.min(SLAB_BYTES, 2 * this.#slabBytes) : 0
    const bytes = new Uint8Array(Math.max(size, this.#slabBytes))
    this.#slabBytes = Math.max(this.#slabBytes, Math.min(size, SLAB_BYTES))
    const view = new DataView(bytes.buffer)
    const slab = { bytes, view, at: 0, end: 0, isSettled: true, isSlab: true }
    this.#runs.push(slab)
    return slab
  }
}
