export interface ReconnectDelayOptions {
  /** The wait after a connection that worked, or failed once, in ms; doubled with each more failure. */
  readonly retryMs: number
  /** The longest wait, in milliseconds. */
  readonly maxRetryMs: number
  /** A number from 0 up to 1. */
  readonly random: () => number
}

/** A server that asks for no wait, and then gives nothing, must not be asked in a tight loop. */
const leastAfterFailureMs = 50

/**
 * How long to wait before a reconnection: exponential, bounded, and spread over the upper half of
 * the wait so that a server that came back is not met by all its clients at once.
 */
export function reconnectDelay(failures: number, options: ReconnectDelayOptions): number {
  const { retryMs, maxRetryMs, random } = options
  const base = failures === 0 ? retryMs : Math.max(retryMs, leastAfterFailureMs)
  const full = Math.min(maxRetryMs, base * 2 ** Math.min(Math.max(0, failures - 1), 50))
  return Math.round(full * (0.5 + random() / 2))
}
