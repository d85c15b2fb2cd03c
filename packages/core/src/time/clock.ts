/** Time as an argument, so that whatever waits can be tested without waiting. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Calls `callback` once, `delayMs` milliseconds from now; gives the function that prevents it. */
  schedule(callback: () => void, delayMs: number): () => void
}

/** A timer that is to wait longer goes off at once, in every runtime. */
const LONGEST_MS = 2 ** 31 - 1

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
    let left = delayMs
    let timer: ReturnType<typeof setTimeout>
    const wait = (): void => {
      const part = Math.min(left, LONGEST_MS)
      left -= part
      timer = setTimeout(left > 0 ? wait : callback, part)
    }
    wait()
    return () => clearTimeout(timer)
  },
}
