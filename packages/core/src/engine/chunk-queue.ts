/** A first-in, first-out queue whose memory goes back as soon as it runs empty. */
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
    if (this.#head === this.#chunks.length) this.clear()
    return chunk
  }

  clear(): void {
    this.#chunks = []
    this.#head = 0
  }
}
