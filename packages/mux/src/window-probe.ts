/** All channels together; three times as much, which is what their windows grow to, is 1 MiB. */
const FREE_BYTES = 349_526

/**
 * Learns how much the way holds when nothing queues on it. While a PING is out, what a channel's
 * reader takes is counted; its sample is that for the shortest time that any PING took. Counted for
 * the whole time, a window would grow with the queue that it makes, and all else would wait in that.
 * Below `FREE_BYTES` it may: between programs of one machine the time is mostly that of their turns.
 */
export class WindowProbe<T> {
  #count = 0
  #isOut = false
  #began = 0
  #shortestMs = Number.POSITIVE_INFINITY
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
  begin(now: number): Uint8Array | undefined {
    if (this.#isOut) return undefined
    this.#began = now
    this.#isOut = true
    this.#count = (this.#count + 1) >>> 0
    return this.#payload()
  }

  /** A reply came: each sample is told. Other replies than the awaited one are ignored. */
  end(payload: Uint8Array, now: number, tell: (channel: T, sample: number) => void): void {
    const expected = this.#payload()
    if (!this.#isOut || payload.byteLength !== expected.byteLength) return
    if (payload.some((byte, index) => byte !== expected[index])) return
    this.#isOut = false
    const tookMs = now - this.#began
    this.#shortestMs = Math.min(this.#shortestMs, tookMs)
    const share = tookMs > 0 ? this.#shortestMs / tookMs : 1
    const free = FREE_BYTES / this.#samples.size
    for (const [channel, bytes] of this.#samples) {
      tell(channel, Math.max(bytes * share, Math.min(bytes, free)))
    }
    this.#samples.clear()
  }

  #payload(): Uint8Array {
    const { buffer } = Uint32Array.of(this.#count)
    return new Uint8Array(buffer)
  }
}
