import { type Clock, systemClock } from "@bellmouth/core"
import { checkLimit } from "../session/limits.ts"
import { MOST } from "../wire/frame.ts"

/** Options of `connectObjects`. Every limit is one of this side. */
export interface ObjectSessionOptions {
  /** Chunks of a channel that may have come and not been taken, 1 to 2^31-1. Default 16. */
  readonly windowItems?: number
  /** How many channels and requests of the peer's may be open at a time. Default 100. */
  readonly maxChannels?: number
  /** How many `open()` and `request()` may wait for the peer to have room. Default 1,024. */
  readonly maxPendingOpens?: number
  /** How long the peer's greeting may take. Default 10,000 ms. */
  readonly helloTimeoutMs?: number
  /** How long the peer may take to end once this side has; then the port is closed. Default 2,000 ms. */
  readonly closeTimeoutMs?: number
  /** Time and timers. Default: the runtime's. */
  readonly clock?: Clock
}

/** Each option with its value. */
export type ObjectLimits = Required<ObjectSessionOptions>

/** @throws {RangeError} when a limit is out of its range. */
export function objectLimits(options: ObjectSessionOptions): ObjectLimits {
  const {
    windowItems = 16,
    maxChannels = 100,
    maxPendingOpens = 1024,
    helloTimeoutMs = 10_000,
    closeTimeoutMs = 2000,
    clock = systemClock,
  } = options
  checkLimit("windowItems", windowItems, 1, MOST)
  checkLimit("maxChannels", maxChannels, 0, MOST)
  checkLimit("maxPendingOpens", maxPendingOpens, 0, MOST)
  checkLimit("helloTimeoutMs", helloTimeoutMs, 0, MOST)
  checkLimit("closeTimeoutMs", closeTimeoutMs, 0, MOST)
  return { windowItems, maxChannels, maxPendingOpens, helloTimeoutMs, closeTimeoutMs, clock }
}
