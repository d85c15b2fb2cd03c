import { eventLoopTurn } from "./event-loop-turn.ts"

const SLICE_MS = 8
const MOST_CHUNKS_PER_LOOK = 64

/** Tells a long synchronous loop when to let timers and I/O have a turn. */
export class TimeSlice {
  #began = 0
  #lookedAt = 0
  #chunksPerLook = MOST_CHUNKS_PER_LOOK
  #chunks = 0

  /** Whether it is time to yield. Looks at the clock only now and then: rarely where chunks are quick. */
  isOver(): boolean {
    if (++this.#chunks < this.#chunksPerLook) return false
    this.#chunks = 0
    const now = performance.now()
    if (this.#began === 0) this.#began = now
    const isQuick = this.#lookedAt === 0 || now - this.#lookedAt < SLICE_MS / 8
    this.#chunksPerLook = isQuick ? Math.min(2 * this.#chunksPerLook, MOST_CHUNKS_PER_LOOK) : 1
    this.#lookedAt = now
    return now - this.#began >= SLICE_MS
  }

  /** Lets the event loop turn once, then begins a new slice. */
  async yield(): Promise<void> {
    await eventLoopTurn()
    this.#began = 0
  }
}
