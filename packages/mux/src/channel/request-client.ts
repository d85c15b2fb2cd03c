import type { Clock } from "@bellmouth/core"
import { MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { type ChannelUser, NOBODY } from "./channel-user.ts"

/** Options of `Session.request`. */
export interface RequestOptions {
  /** Aborting it cancels the request and rejects with its reason. */
  readonly signal?: AbortSignal
  /** Rejects with `TIMEOUT` after so many milliseconds, up to 2^31 - 1, and cancels. Default: none. */
  readonly timeoutMs?: number
}

/** Throws the signal's reason when it is aborted, `RangeError` for a time that no timer has. */
export function checkRequestOptions({ signal, timeoutMs = 0 }: RequestOptions): void {
  signal?.throwIfAborted()
  if (timeoutMs >= 0 && timeoutMs <= MOST) return
  throw new RangeError(`Cannot use timeoutMs ${timeoutMs}: want 0 to ${MOST}`)
}

/** The channel of a request, of bytes or of objects. */
export interface Requested<T> {
  user: ChannelUser
  readonly isInEnded: boolean
  readonly readError: unknown
  take(): T | undefined
  abort(error: unknown): void
  cancel(error: unknown): void
}

/** Waits for what answers a request: one chunk, or none, which is `nothing`. */
export function replyOf<T>(
  channel: Requested<T>,
  { signal, timeoutMs }: RequestOptions,
  clock: Clock,
  nothing: T,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let reply: T | undefined
  let stopTimer: (() => void) | undefined
  const settle = (): void => {
    channel.user = NOBODY
    stopTimer?.()
    signal?.removeEventListener("abort", onAbort)
  }
  const giveUp = (reason: unknown): void => {
    settle()
    reject(reason)
    channel.cancel(reason)
    channel.abort(reason)
  }
  const onAbort = (): void => giveUp(signal?.reason)
  const onNews = (): void => {
    for (let next = channel.take(); next !== undefined; next = channel.take()) {
      if (reply !== undefined) {
        return giveUp(new MuxError("PROTOCOL", "Cannot take a reply: it has several chunks"))
      }
      reply = next
    }
    if (!channel.isInEnded) return
    settle()
    if (channel.readError === undefined) resolve(reply ?? nothing)
    else reject(channel.readError)
    // A request that was cut short by its answer sends no more of itself.
    channel.abort(undefined)
  }
  signal?.addEventListener("abort", onAbort, { once: true })
  if (timeoutMs !== undefined) {
    const late = `No reply came for ${timeoutMs} ms`
    stopTimer = clock.schedule(() => giveUp(new MuxError("TIMEOUT", late)), timeoutMs)
  }
  channel.user = { onNews }
  onNews()
  return promise
}
