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

interface Turner {
  setImmediate?(callback: () => void): unknown
  scheduler?: { yield?(): Promise<void> }
}

/** By the quickest way that the runtime has: a timer of 0 ms takes 1 to 4 ms. */
function eventLoopTurn(): Promise<void> {
  const { scheduler, setImmediate }: Turner = globalThis
  if (scheduler?.yield !== undefined) return scheduler.yield()
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0)
    else setImmediate(resolve)
  })
}
