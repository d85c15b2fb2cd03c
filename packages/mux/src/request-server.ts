import type { ChannelUser } from "./channel-user.ts"
import { MuxError } from "./mux-error.ts"
import { type WireReason, wireReasonOf } from "./wire-reason.ts"

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
  abort(reason: WireReason, error: unknown): void
  release(): void
}

/** Has one request answered; its place is held until the handler is done. */
export function answerRequest<Body, Reply>(
  channel: Answerable<Reply>,
  handler: ((body: Body, context: RequestContext) => Reply | PromiseLike<Reply>) | undefined,
  body: Body,
): void {
  let aborter: AbortController | undefined
  const onNews = (): void => {
    if (channel.writeError !== undefined) aborter?.abort(channel.writeError)
  }
  const context: RequestContext = {
    get signal() {
      aborter ??= new AbortController()
      onNews()
      return aborter.signal
    },
  }
  const answer = (reply: Reply): void => {
    channel.answer(reply)
    channel.release()
  }
  const fail = (error: unknown): void => {
    channel.abort(wireReasonOf(error, "INTERNAL"), error)
    channel.release()
  }
  channel.user = { onNews }
  try {
    if (handler === undefined) {
      throw new MuxError("UNKNOWN_METHOD", "Nobody answers requests here")
    }
    const reply = handler(body, context)
    if (reply instanceof Uint8Array) answer(reply)
    else Promise.resolve(reply).then(answer).catch(fail)
  } catch (error) {
    fail(error)
  }
}
