/** A shorter way is not told from the turns of the programs at its ends: no window grows on it. */
const LEAST_MS = 2

/** The first replies tell of a program that starts. */
const FIRST_REPLIES = 4

/** A session that is resumed has lost the PING that was out, or its reply: they are not sent again. */
const LOST_MS = 10_000

/**
 * Learns how much the way holds when nothing queues on it. While a PING is out, what a channel's
 * reader takes is counted; its sample is that for the shortest time that any PING took. Counted for
 * the whole time, a window would grow with the queue that it makes, and all else would wait in that.
 */
export class WindowProbe<T> {
  #count = 0
  #isOut = false
  #began = 0
  #replies = 0
  #shortestMs = Infinity
  readonly #samples = new Map<T, number>()

  /** The application has taken so much of a channel. */
  took(channel: T, cost: number): void {
    if (this.#isOut) this.#samples.set(channel, (this.#samples.get(channel) ?? 0) + cost)
  }

  /** The channel is over. */
  forget(channel: T): void {
    this.#samples.delete(channel)
  }

  /** The payload of a PING to send now; undefined while one is awaited, and when it could teach nothing. */
  begin(now: number): Uint8Array | undefined {
    const isAwaited = this.#isOut && now - this.#began < LOST_MS
    if (isAwaited || this.isShort) return undefined
    this.#samples.clear()
    this.#began = now
    this.#isOut = true
    this.#count = (this.#count + 1) & 0xff
    return Uint8Array.of(this.#count)
  }

  /** A reply came: each sample is told. Other replies than the awaited one are ignored. */
  end(payload: Uint8Array, now: number, tell: (channel: T, sample: number) => void): void {
    if (!this.#isOut || payload.byteLength !== 1 || payload[0] !== this.#count) return
    this.#isOut = false
    const tookMs = now - this.#began
    this.#shortestMs = Math.min(this.#shortestMs, tookMs)
    if (++this.#replies > FIRST_REPLIES && !this.isShort) {
      const share = this.#shortestMs / tookMs
      for (const [channel, bytes] of this.#samples) tell(channel, bytes * share)
    }
  }

  /** Known to be too short for a sample. It stays so: on a fast way PINGs would come as a flood. */
  get isShort(): boolean {
    return this.#replies > FIRST_REPLIES && this.#shortestMs < LEAST_MS
  }
}
