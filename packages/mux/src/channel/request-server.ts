import { MuxError } from "../wire/mux-error.ts"
import { failureOf } from "../wire/wire-reason.ts"
import type { ChannelUser } from "./channel-user.ts"

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

/** The channel of a request, of bytes or of objects, which is held. */
export interface Answerable<T> {
  user: ChannelUser
  readonly writeError: unknown
  /** Sends the reply, if it is still wanted. Throws for one that can not be sent. */
  answer(reply: T): void
  abort(error: unknown): void
  release(): void
}

/** Has one request answered; its place is held until the handler is done. */
export function answerRequest<Body, Reply>(
  channel: Answerable<Reply>,
  handler: ((body: Body, context: RequestContext) => Reply | PromiseLike<Reply>) | undefined,
  body: Body,
): void {
  const answer = (reply: Reply): void => {
    try {
      channel.answer(reply)
    } catch (error) {
      channel.abort(error)
    }
    channel.release()
  }
  const fail = (error: unknown): void => {
    channel.abort(failureOf(error))
    channel.release()
  }
  try {
    if (handler === undefined) {
      throw new MuxError("UNKNOWN_METHOD", "Nobody answers requests here")
    }
    const reply = handler(body, new Context(channel))
    if (reply instanceof Uint8Array) answer(reply)
    else Promise.resolve(reply).then(answer, fail)
  } catch (error) {
    fail(error)
  }
}

class Context implements RequestContext, ChannelUser {
  readonly #channel: Answerable<never>
  #aborter: AbortController | undefined

  constructor(channel: Answerable<never>) {
    this.#channel = channel
    channel.user = this
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController()
    this.onNews()
    return this.#aborter.signal
  }

  onNews(): void {
    const { writeError } = this.#channel
    if (writeError !== undefined) this.#aborter?.abort(writeError)
  }
}
