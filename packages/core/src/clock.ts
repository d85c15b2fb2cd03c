/** Time as an argument, so that whatever waits can be tested without waiting. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Calls `callback` once, `delayMs` milliseconds from now; gives the function that prevents it. */
  schedule(callback: () => void, delayMs: number): () => void
}

/**
 * The runtime's own time and timers: the default wherever a {@link Clock} may be given.
 *
 * @example Waiting a millisecond
 * ```ts
 * import assert from "node:assert/strict"
 * import { systemClock } from "@bellmouth/core"
 *
 * const began = systemClock.now()
 * await new Promise<void>((resolve) => void systemClock.schedule(resolve, 1))
 * assert(systemClock.now() > began)
 * ```
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
