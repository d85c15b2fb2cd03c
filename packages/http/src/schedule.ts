import { systemClock } from "@bellmouth/core"

/**
 * Calls `callback` once after `delayMs` milliseconds, unless the returned function is called first.
 *
 * Whatever in this package waits takes one, so that a test can own the time.
 */
export type Schedule = (callback: () => void, delayMs: number) => () => void

/** The runtime's own timer. */
export const schedule: Schedule = (callback, delayMs) => systemClock.schedule(callback, delayMs)
