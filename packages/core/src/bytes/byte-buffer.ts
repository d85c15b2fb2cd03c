/** Where a search goes on when more bytes have come. */
export interface SearchState {
  chunk: number
  offset: number
  /** How many bytes stand before `offset`. */
  before: number
}

const COMPACT_FROM = 1024

/** Bytes that have come and were not yet taken. Nothing is joined before it is asked for. */
export class ByteBuffer {
  length = 0
  #chunks: Uint8Array[] = []
  #head = 0

  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.length += chunk.byteLength
  }

  /** The first `count` bytes, at most all: a view when they lie in one chunk, else a copy. */
  peek(count: number): Uint8Array {
    const wanted = Math.min(count, this.length)
    const first = this.#chunks[this.#head]
    if (first === undefined || wanted === 0) return new Uint8Array(0)
    if (wanted <= first.byteLength) return first.subarray(0, wanted)
    const bytes = new Uint8Array(wanted)
    let filled = 0
    for (let index = this.#head; filled < wanted; index++) {
      const part = this.#chunks[index]?.subarray(0, wanted - filled)
      if (part === undefined) break
      bytes.set(part, filled)
      filled += part.byteLength
    }
    return bytes
  }

  take(count: number): Uint8Array {
    const bytes = this.peek(count)
    this.#drop(bytes.byteLength)
    return bytes
  }

  /** What is left of the oldest chunk, at most `count` bytes; undefined when there is none. */
  takeAtHand(count: number): Uint8Array | undefined {
    const first = this.#chunks[this.#head]
    return first === undefined ? undefined : this.take(Math.min(count, first.byteLength))
  }

  /** How many bytes there are up to the end of the first `delimiter`; -1 when it is not there yet. */
  find(delimiter: Uint8Array, state: SearchState): number {
    const [first] = delimiter
    if (first === undefined) return 0
    for (;;) {
      const chunk = this.#chunks[this.#head + state.chunk]
      if (chunk === undefined) return -1
      const at = chunk.indexOf(first, state.offset)
      if (at < 0) {
        state.before += chunk.byteLength - state.offset
        state.chunk++
        state.offset = 0
        continue
      }
      state.before += at - state.offset
      state.offset = at
      const match = this.#matches(delimiter, state)
      if (match === "whole") return state.before + delimiter.byteLength
      if (match === "so far") return -1
      state.before++
      state.offset++
    }
  }

  #matches(delimiter: Uint8Array, state: SearchState): "whole" | "so far" | "no" {
    let index = this.#head + state.chunk
    let { offset } = state
    for (const byte of delimiter) {
      // No chunk is empty: one step leads to the next byte.
      if (offset === this.#chunks[index]?.byteLength) {
        index++
        offset = 0
      }
      const chunk = this.#chunks[index]
      if (chunk === undefined) return "so far"
      if (chunk[offset++] !== byte) return "no"
    }
    return "whole"
  }

  #drop(count: number): void {
    this.length -= count
    for (let left = count; left > 0; ) {
      const first = this.#chunks[this.#head]
      if (first === undefined) break
      if (first.byteLength > left) {
        this.#chunks[this.#head] = first.subarray(left)
        break
      }
      left -= first.byteLength
      this.#head++
    }
    const isHalfEmpty = this.#head >= COMPACT_FROM && this.#head * 2 >= this.#chunks.length
    if (this.#head < this.#chunks.length && !isHalfEmpty) return
    this.#chunks = this.#chunks.slice(this.#head)
    this.#head = 0
  }
}
