import type { Clock } from "@bellmouth/core"
import type { ChannelCore, ChannelUser } from "./channel-core.ts"
import { MOST } from "./frame.ts"
import { MuxError } from "./mux-error.ts"
import { NOTHING } from "./nothing.ts"
import { wireReasonOf } from "./wire-reason.ts"

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
  throw new RangeError(`Cannot request: timeoutMs is ${timeoutMs}, want 0 to ${MOST}`)
}

/** Waits for the one item that answers a request. */
export class PendingReply implements ChannelUser {
  readonly promise: Promise<Uint8Array>
  readonly #core: ChannelCore
  #resolve: (reply: Uint8Array) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  #reply: Uint8Array | undefined
  #isSettled = false
  #signal: AbortSignal | undefined
  #stopTimer: (() => void) | undefined

  constructor(core: ChannelCore, options: RequestOptions, clock: Clock) {
    this.#core = core
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    core.inbound.isAwaited = () => true
    core.user = this
    const { signal, timeoutMs } = options
    if (signal !== undefined) {
      this.#signal = signal
      signal.addEventListener("abort", this.#onAbort, { once: true })
    }
    if (timeoutMs !== undefined)
      this.#stopTimer = clock.schedule(() => this.#onTimeout(timeoutMs), timeoutMs)
    this.onNews()
  }

  onNews(): void {
    if (this.#isSettled) return
    const { inbound } = this.#core
    for (let item = inbound.take(); item !== undefined; item = inbound.take()) {
      if (this.#reply !== undefined) {
        return this.#giveUp(new MuxError("PROTOCOL", "Cannot take a reply: it has several items"))
      }
      this.#reply = item
    }
    if (!inbound.isEnded) return
    this.#settle()
    if (inbound.error === undefined) this.#resolve(this.#reply ?? NOTHING)
    else this.#reject(inbound.error)
    // A request that was cut short by its answer sends no more of itself.
    if (!this.#core.outbound.isEnded)
      this.#core.abort(wireReasonOf(undefined, "CANCELLED"), undefined)
  }

  readonly #onAbort = (): void => {
    this.#giveUp(this.#signal?.reason)
  }

  #onTimeout(timeoutMs: number): void {
    this.#giveUp(new MuxError("TIMEOUT", `Cannot wait for a reply: ${timeoutMs} ms have passed`))
  }

  #giveUp(reason: unknown): void {
    if (this.#isSettled) return
    this.#settle()
    this.#reject(reason)
    const told = wireReasonOf(reason, "CANCELLED")
    if (!this.#core.outbound.isEnded) this.#core.abort(told, reason)
    this.#core.cancel(told, reason)
  }

  #settle(): void {
    this.#isSettled = true
    this.#stopTimer?.()
    this.#signal?.removeEventListener("abort", this.#onAbort)
  }
}
