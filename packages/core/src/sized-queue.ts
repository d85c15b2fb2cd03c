interface Entry<T> {
  readonly chunk: T
  readonly size: number
}

const COMPACT_FROM = 1024

/** A first-in, first-out queue that knows the total size of what it holds. */
export class SizedQueue<T> {
  /** The sum of the sizes of what is held, in the caller's unit. */
  total = 0
  #entries: (Entry<T> | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#entries.length - this.#head
  }

  push(chunk: T, size: number): void {
    this.#entries.push({ chunk, size })
    this.total += size
  }

  /** Takes out the oldest chunk, in a box; undefined when there is none. */
  shift(): { readonly chunk: T } | undefined {
    const entry = this.#entries[this.#head]
    if (entry === undefined) return undefined
    this.#entries[this.#head++] = undefined
    this.total -= entry.size
    if (this.#head === this.#entries.length) {
      this.clear()
    } else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#entries.length) {
      // A queue that never runs empty would otherwise grow for ever.
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return entry
  }

  /** Takes out everything, oldest first. */
  drain(): T[] {
    const chunks = this.#entries.slice(this.#head).flatMap((entry) => (entry ? [entry.chunk] : []))
    this.clear()
    return chunks
  }

  clear(): void {
    this.#entries = []
    this.#head = 0
    this.total = 0
  }
}
