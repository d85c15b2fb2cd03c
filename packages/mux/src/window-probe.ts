import type { Inbound } from "./inbound.ts"

/**
 * Learns how wide windows must be. A PING goes out when credit does and none is out; what a channel's
 * reader takes until it comes back is what fits on the way. More than two thirds of the window: twice
 * that is the new one.
 */
export class WindowProbe {
  #count = 0
  #isOut = false
  readonly #samples = new Map<Inbound, number>()

  /** The application has taken so much of a channel. */
  took(inbound: Inbound, cost: number): void {
    if (this.#isOut) this.#samples.set(inbound, (this.#samples.get(inbound) ?? 0) + cost)
  }

  /** The payload of a PING to send now; undefined while one is out. */
  begin(): Uint8Array | undefined {
    if (this.#isOut) return undefined
    this.#isOut = true
    this.#count = (this.#count + 1) >>> 0
    return this.#payload()
  }

  /** A reply came: widens, by `widen`, what was too narrow. Others than the awaited are ignored. */
  end(payload: Uint8Array, widen: (inbound: Inbound, size: number) => void): void {
    const expected = this.#payload()
    if (!this.#isOut || payload.byteLength !== expected.byteLength) return
    if (payload.some((byte, index) => byte !== expected[index])) return
    this.#isOut = false
    for (const [inbound, sample] of this.#samples) {
      if (3 * sample > 2 * inbound.window.size) widen(inbound, 2 * sample)
    }
    this.#samples.clear()
  }

  #payload(): Uint8Array {
    const { buffer } = Uint32Array.of(this.#count)
    return new Uint8Array(buffer)
  }
}
