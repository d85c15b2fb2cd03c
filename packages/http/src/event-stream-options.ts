import type { Fetch } from "./fetch-same-origin.ts"
import type { Schedule } from "./schedule.ts"

/** What is told before each reconnection. */
export interface Reconnect {
  /** How many reconnections there were before this one. */
  readonly count: number
  /** How many attempts in a row have given nothing. */
  readonly failures: number
  readonly delayMs: number
  /** The id that the stream resumes after; `""` when there was none yet. */
  readonly lastEventId: string
  /** What ended the connection; `undefined` when the server closed it. */
  readonly cause: unknown
}

/** What `EventStream` and `openLogStream` take. */
export interface EventStreamOptions {
  /** The id to begin after. Default `""`: where the URL begins. */
  readonly lastEventId?: string
  /** Errors the stream with its reason and ends the connection. */
  readonly signal?: AbortSignal
  /** Sent with every request, as for authorization. */
  readonly headers?: HeadersInit
  /** Default the runtime's `fetch`. */
  readonly fetch?: Fetch
  /** The wait before a reconnection until the server's `retry` says another, in ms. Default 1,000. */
  readonly retryMs?: number
  /** The longest wait before a reconnection, in milliseconds. Default 30,000. */
  readonly maxRetryMs?: number
  /** How many attempts in a row may give nothing before the stream errors. Default `Infinity`. */
  readonly maxFailures?: number
  /**
   * How long a connection may be silent before it is given up, in ms, also before it is answered.
   * Default 60,000; 0: for ever.
   */
  readonly idleTimeoutMs?: number
  /**
   * The most bytes of one event; a larger one errors the stream. Default 16,777,216; of
   * `openLogStream` 25,165,824, which is enough for 16 MiB as base64.
   */
  readonly maxEventBytes?: number
  readonly onReconnect?: (reconnect: Reconnect) => void
  /** The timer. Default the runtime's. */
  readonly schedule?: Schedule
  /** Spreads reconnections; a number from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number
}
