import type { Clock } from "@bellmouth/core"

const MOST = 10_000
const PER_MS = 1

/** How many frames that cost their sender nothing are taken. Frames with data earn more. */
export class FrameBucket {
  #left = MOST
  readonly #clock: Clock
  #at: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.now()
  }

  earn(): void {
    if (this.#left < MOST) this.#left++
  }

  /** Whether one more is within the limit. */
  spend(): boolean {
    if (this.#left <= 0) {
      const at = this.#clock.now()
      this.#left = Math.min(MOST, Math.floor((at - this.#at) * PER_MS))
      this.#at = at
    }
    return --this.#left >= 0
  }
}
