/**
 * Learns how much fits on the way. While a PING is out, what a channel's reader takes is that
 * channel's sample.
 */
export class WindowProbe<T> {
  #count = 0
  #isOut = false
  readonly #samples = new Map<T, number>()

  /** The application has taken so much of a channel. */
  took(channel: T, cost: number): void {
    if (this.#isOut) this.#samples.set(channel, (this.#samples.get(channel) ?? 0) + cost)
  }

  /** The channel is over. */
  forget(channel: T): void {
    this.#samples.delete(channel)
  }

  /** The payload of a PING to send now; undefined while one is out. */
  begin(): Uint8Array | undefined {
    if (this.#isOut) return undefined
    this.#isOut = true
    this.#count = (this.#count + 1) >>> 0
    return this.#payload()
  }

  /** A reply came: each sample is told. Other replies than the awaited one are ignored. */
  end(payload: Uint8Array, tell: (channel: T, sample: number) => void): void {
    const expected = this.#payload()
    if (!this.#isOut || payload.byteLength !== expected.byteLength) return
    if (payload.some((byte, index) => byte !== expected[index])) return
    this.#isOut = false
    for (const [channel, sample] of this.#samples) tell(channel, sample)
    this.#samples.clear()
  }

  #payload(): Uint8Array {
    const { buffer } = Uint32Array.of(this.#count)
    return new Uint8Array(buffer)
  }
}
