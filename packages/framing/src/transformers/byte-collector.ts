const FIRST_BYTES = 1024

/** Collects copies of byte chunks into one growing buffer: linear time, at most twice the bytes. */
export class ByteCollector {
  #buffer = new Uint8Array(0)
  length = 0

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length, FIRST_BYTES))
      grown.set(this.#buffer.subarray(0, this.length))
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.length)
    this.length = length
  }

  /** Takes what was collected, and begins anew. The bytes belong to the caller. */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.length)
    this.#buffer = new Uint8Array(0)
    this.length = 0
    return bytes
  }
}
