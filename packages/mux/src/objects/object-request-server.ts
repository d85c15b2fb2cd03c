import { MuxError } from "../mux-error.ts"
import type { RequestContext } from "../request-server.ts"
import { wireReasonOf } from "../wire-reason.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"

/**
 * Answers one request with what it returns, or a `transfer` of it. What it throws reaches the peer as
 * a code, and a `MuxError`'s message as well. The value is what the peer chose to send: check it.
 */
export type ObjectRequestHandler = (value: unknown, context: RequestContext) => unknown

/** Has one request answered; its place is held until the handler is done. */
export async function answerRequest(
  core: ObjectChannelCore,
  handler: ObjectRequestHandler | undefined,
): Promise<void> {
  const aborter = new AbortController()
  core.hold()
  core.user = {
    onNews: () => core.writeError !== undefined && aborter.abort(core.writeError),
  }
  try {
    if (handler === undefined) {
      throw new MuxError("UNKNOWN_METHOD", "Nobody answers requests here")
    }
    const reply = await handler(core.head, { signal: aborter.signal })
    if (!core.isEnding) send(core, reply)
  } catch (error) {
    core.abort(wireReasonOf(error, "INTERNAL"), error)
  }
  core.release()
}

function send(core: ObjectChannelCore, reply: unknown): void {
  try {
    core.send(reply, true)
  } catch (cause) {
    const message = "Cannot answer a request: the reply can not be cloned or transferred"
    throw new MuxError("INTERNAL", message, { cause })
  }
}
