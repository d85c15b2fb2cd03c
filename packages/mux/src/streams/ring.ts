/** A first-in, first-out queue in constant time, whose memory does not wander. */
export class Ring<T> {
  /** As many as a power of two; none before the first push. */
  #slots: (T | undefined)[] = []
  #head = 0
  length = 0

  push(value: T): void {
    if (this.length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.length++) & (this.#slots.length - 1)] = value
  }

  /** The oldest; undefined when there is none. */
  peek(): T | undefined {
    return this.#slots[this.#head]
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const value = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.length--
    return value
  }

  clear(): void {
    this.#slots = []
    this.#head = 0
    this.length = 0
  }

  #grow(): void {
    const slots = this.#slots.slice(this.#head).concat(this.#slots.slice(0, this.#head))
    slots.length = Math.max(4, 2 * slots.length)
    this.#slots = slots
    this.#head = 0
  }
}
