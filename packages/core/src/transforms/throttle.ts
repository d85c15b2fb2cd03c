import { asyncStage } from "../async-engine/async-stage.ts"
import type { AsyncStageController } from "../async-engine/async-transformer.ts"
import { checkPositive } from "../check-positive.ts"
import { type Clock, systemClock } from "../time/clock.ts"

/** Options of {@link throttle}. */
export interface ThrottleOptions<T> {
  /** How much may pass at once after a pause, in the unit of `size`. Default 1. */
  readonly burst?: number
  /** Measures a chunk, for example in bytes. Default: 1 each, so that the rate is in chunks. */
  readonly size?: (chunk: T) => number
  /** Default: the runtime's own time and timers. */
  readonly clock?: Clock
}

/**
 * Makes a transform that lets at most `perSecond` units a second pass, and loses nothing: what comes
 * faster is held back by backpressure.
 *
 * A unit is a chunk, or what `size` says. A chunk larger than `burst` passes whole, once the budget
 * is full, and what follows waits for it to be paid back. Cancel and abort end a wait at once.
 *
 * @throws {RangeError} when `perSecond` or `burst` is not above 0, or, at the reader, for a size
 *   that is not a number from 0 on.
 *
 * @example At most a thousand a second
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, throttle, toArray } from "@bellmouth/core"
 *
 * const began = performance.now()
 * await toArray(from([1, 2, 3, 4, 5, 6]).pipeThrough(throttle(1000)))
 * assert(performance.now() - began >= 4)
 * ```
 */
export function throttle<T>(
  perSecond: number,
  options: ThrottleOptions<T> = {},
): ReadableWritablePair<T, T> {
  const { burst = 1, size = () => 1, clock = systemClock } = options
  checkPositive("perSecond", perSecond)
  checkPositive("burst", burst)
  const perMs = perSecond / 1000
  let budget = burst
  let refilledAt = clock.now()

  /** How many milliseconds are missing until `cost` may pass. */
  const shortfallMs = (cost: number): number => {
    const now = clock.now()
    budget = Math.min(burst, budget + (now - refilledAt) * perMs)
    refilledAt = now
    // Less than a microsecond is what floating point has left over.
    const missing = (Math.min(cost, burst) - budget) / perMs
    return missing > 0.001 ? missing : 0
  }
  const pass = (chunk: T, cost: number, controller: AsyncStageController<T>): void => {
    budget -= cost
    controller.enqueue(chunk)
  }
  return asyncStage<T, T>({
    transform(chunk, controller) {
      const cost = size(chunk)
      if (!(cost >= 0)) throw new RangeError(`Cannot throttle: size is ${cost}, not 0 or more`)
      if (shortfallMs(cost) === 0) return pass(chunk, cost, controller)
      return waitUntil(clock, () => shortfallMs(cost), controller.signal).then(() =>
        pass(chunk, cost, controller),
      )
    },
  })
}

/** Resolves when `remainingMs` says 0; at once, too, when `signal` is aborted. */
async function waitUntil(
  clock: Clock,
  remainingMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (let ms = remainingMs(); ms > 0 && !signal.aborted; ms = remainingMs()) {
    await new Promise<void>((resolve) => {
      const prevent = clock.schedule(done, ms)
      function done(): void {
        signal.removeEventListener("abort", done)
        prevent()
        resolve()
      }
      signal.addEventListener("abort", done, { once: true })
    })
  }
}
