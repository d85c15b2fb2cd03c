/** An item whose pieces are still coming. */
export class Assembly {
  length = 0
  /** What its pieces took from the balance, and was not given back. */
  cost = 0
  readonly #most: number
  #bytes = new Uint8Array(0)

  /** The item is never longer than `maxItemBytes`. */
  constructor(maxItemBytes: number) {
    this.#most = maxItemBytes
  }

  add(piece: Uint8Array, cost: number): void {
    const length = this.length + piece.byteLength
    if (length > this.#bytes.byteLength) {
      const room = Math.min(this.#most, Math.max(length, 2 * this.#bytes.byteLength))
      const bytes = new Uint8Array(room)
      bytes.set(this.#bytes.subarray(0, this.length))
      this.#bytes = bytes
    }
    this.#bytes.set(piece, this.length)
    this.length = length
    this.cost += cost
  }

  /** Nobody wants it: its bytes go, its length stays. */
  discard(): void {
    this.#bytes = new Uint8Array(0)
  }

  /** The item, as a copy when much of its buffer would be waste. */
  whole(): Uint8Array {
    const item = this.#bytes.subarray(0, this.length)
    return 4 * this.length >= 3 * this.#bytes.byteLength ? item : item.slice()
  }
}
