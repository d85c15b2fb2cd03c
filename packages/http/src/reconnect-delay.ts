export interface ReconnectDelayOptions {
  /** The wait after a connection that worked, in milliseconds; doubled with each failure in a row. */
  readonly retryMs: number
  /** The longest wait, in milliseconds. */
  readonly maxRetryMs: number
  /** A number from 0 up to 1. */
  readonly random: () => number
}

/**
 * How long to wait before a reconnection: exponential, bounded, and spread over the upper half of
 * the wait so that a server that came back is not met by all its clients at once.
 */
export function reconnectDelay(failures: number, options: ReconnectDelayOptions): number {
  const { retryMs, maxRetryMs, random } = options
  const full = Math.min(maxRetryMs, retryMs * 2 ** Math.min(failures, 50))
  return Math.round(full * (0.5 + random() / 2))
}
