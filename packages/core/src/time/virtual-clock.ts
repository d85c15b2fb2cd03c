import type { Clock } from "./clock.ts"

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock that stands still until it is told to move: for tests of whatever takes a {@link Clock}.
 *
 * @example An hour in no time
 * ```ts
 * import assert from "node:assert/strict"
 * import { VirtualClock } from "@bellmouth/core"
 *
 * const clock = new VirtualClock()
 * let rang = false
 * clock.schedule(() => {
 *   rang = true
 * }, 3_600_000)
 * await clock.advance(3_600_000)
 * assert(rang)
 * ```
 */
export class VirtualClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /**
   * Moves time on by `ms` milliseconds and calls what falls due, in order. Before each call, and
   * once after the last, promises get `turns` turns to settle what hangs on one another.
   */
  async advance(ms: number, turns = 64): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const next = this.#next(end)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer
    }
    return first
  }
}
