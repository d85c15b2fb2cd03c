/** How many records came in each of the last so many seconds. */
export class Rate {
  readonly #buckets: number[]
  #second: number

  constructor(seconds: number, now: number) {
    this.#buckets = Array.from({ length: seconds }, () => 0)
    this.#second = Math.floor(now / 1000)
  }

  add(count: number, now: number): void {
    this.#advance(now)
    const last = this.#buckets.length - 1
    this.#buckets[last] = (this.#buckets[last] ?? 0) + count
  }

  /** The counts, oldest first; the second that runs is the last. */
  counts(now: number): readonly number[] {
    this.#advance(now)
    return this.#buckets
  }

  /** The mean of the last five full seconds. */
  perSecond(now: number): number {
    const recent = this.counts(now).slice(-6, -1)
    return recent.reduce((sum, count) => sum + count, 0) / recent.length
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000)
    const steps = Math.min(second - this.#second, this.#buckets.length)
    for (let step = 0; step < steps; step++) {
      this.#buckets.shift()
      this.#buckets.push(0)
    }
    this.#second = Math.max(this.#second, second)
  }
}
