import type { ChannelCore, ChannelUser } from "./channel-core.ts"
import { MuxError } from "./mux-error.ts"
import { tooLarge } from "./too-large.ts"
import { wireReasonOf } from "./wire-reason.ts"

/** What a request's handler is handed. */
export interface RequestContext {
  /** Aborted when the peer cancels or is lost. */
  readonly signal: AbortSignal
}

/**
 * Answers one request. What it throws reaches the peer as a code, and a `MuxError`'s message as well.
 * It owns the body, which may be a view of a larger buffer; the session owns what it returns.
 */
export type RequestHandler = (
  body: Uint8Array,
  context: RequestContext,
) => Uint8Array | PromiseLike<Uint8Array>

/** Has one request answered; its place is held until the handler is done. */
export class RequestInHand implements RequestContext, ChannelUser {
  readonly #core: ChannelCore
  readonly #maxItemBytes: number
  #aborter: AbortController | undefined

  constructor(core: ChannelCore, maxItemBytes: number) {
    this.#core = core
    this.#maxItemBytes = maxItemBytes
    core.user = this
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController()
    this.onNews()
    return this.#aborter.signal
  }

  run(handler: RequestHandler | undefined, body: Uint8Array): void {
    try {
      if (handler === undefined) {
        throw new MuxError("UNKNOWN_METHOD", "Nobody answers requests here")
      }
      const reply = handler(body, this)
      if (reply instanceof Uint8Array) this.#answer(reply)
      else Promise.resolve(reply).then(this.#answer, this.#fail)
    } catch (error) {
      this.#fail(error)
    }
  }

  onNews(): void {
    const { writeError } = this.#core
    if (writeError !== undefined) this.#aborter?.abort(writeError)
  }

  readonly #answer = (reply: Uint8Array): void => {
    if (!(reply instanceof Uint8Array)) {
      return this.#fail(new TypeError("Cannot answer a request: the reply is no Uint8Array"))
    }
    if (reply.byteLength > this.#maxItemBytes) {
      return this.#fail(tooLarge("answer a request", reply.byteLength, this.#maxItemBytes))
    }
    if (!this.#core.outbound.isEnding) {
      if (reply.byteLength > 0) this.#core.outbound.push(reply)
      this.#core.finish()
    }
    this.#core.release()
  }

  readonly #fail = (error: unknown): void => {
    if (!this.#core.outbound.isEnding) this.#core.abort(wireReasonOf(error, "INTERNAL"), error)
    this.#core.release()
  }
}
