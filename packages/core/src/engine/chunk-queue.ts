const COMPACT_FROM = 1024

/** A first-in, first-out queue whose memory goes back as it is used up. */
export class ChunkQueue {
  #chunks: unknown[] = []
  #head = 0

  get length(): number {
    return this.#chunks.length - this.#head
  }

  push(chunk: unknown): void {
    this.#chunks.push(chunk)
  }

  shift(): unknown {
    const chunk = this.#chunks[this.#head]
    this.#chunks[this.#head++] = undefined
    if (this.#head === this.#chunks.length) {
      this.clear()
    } else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#chunks.length) {
      // A queue that never runs empty would otherwise grow for ever.
      this.#chunks = this.#chunks.slice(this.#head)
      this.#head = 0
    }
    return chunk
  }

  clear(): void {
    this.#chunks = []
    this.#head = 0
  }
}
