import type { Clock } from "@bellmouth/core"
import { MuxError } from "../mux-error.ts"
import type { RequestOptions } from "../request-client.ts"
import { wireReasonOf } from "../wire-reason.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"

/** Gives the one chunk that answers a request. */
export function replyOf(
  core: ObjectChannelCore,
  { signal, timeoutMs }: RequestOptions,
  clock: Clock,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  let replies: readonly unknown[] = []
  let isSettled = false
  let stopTimer: (() => void) | undefined
  const settle = (): void => {
    isSettled = true
    stopTimer?.()
    signal?.removeEventListener("abort", onAbort)
  }
  const giveUp = (reason: unknown): void => {
    if (isSettled) return
    settle()
    reject(reason)
    const told = wireReasonOf(reason, "CANCELLED")
    core.abort(told, reason)
    core.cancel(told, reason)
  }
  const onAbort = (): void => giveUp(signal?.reason)
  const onNews = (): void => {
    if (isSettled) return
    for (let next = core.take(); next !== undefined; next = core.take()) {
      replies = [...replies, next.chunk]
      if (replies.length === 1) continue
      return giveUp(new MuxError("PROTOCOL", "Cannot take a reply: it has several chunks"))
    }
    if (!core.isInEnded) return
    settle()
    if (core.readError === undefined) resolve(replies[0])
    else reject(core.readError)
  }
  signal?.addEventListener("abort", onAbort, { once: true })
  if (timeoutMs !== undefined) {
    const late = `Cannot wait for a reply: ${timeoutMs} ms have passed`
    stopTimer = clock.schedule(() => giveUp(new MuxError("TIMEOUT", late)), timeoutMs)
  }
  core.user = { onNews }
  onNews()
  return promise
}
