const MOST = 10_000
const PER_SECOND = 1000

/** How many frames that cost their sender nothing are taken. Frames with data earn more. */
export class FrameBucket {
  #left = MOST
  #at: number

  constructor(now: number) {
    this.#at = now
  }

  earn(): void {
    if (this.#left < MOST) this.#left++
  }

  /** Whether one more is within the limit. */
  spend(now: () => number): boolean {
    if (this.#left <= 0) {
      const at = now()
      this.#left = Math.min(MOST, Math.floor(((at - this.#at) * PER_SECOND) / 1000))
      this.#at = at
    }
    return --this.#left >= 0
  }
}
