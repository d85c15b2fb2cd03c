import type { PullSource, SourceController } from "@bellmouth/core"
import type { ChannelUser } from "../channel/channel-user.ts"
import { MuxError } from "../wire/mux-error.ts"

/** A channel that the peer opened, before it has streams. It holds its place until it is released. */
export interface Acceptable {
  user: ChannelUser
  readonly isOver: boolean
  readonly readError: unknown
  readonly writeError: unknown
  release(): void
}

/** The same channel for whoever takes it. */
export interface Accepted {
  fail(reason: unknown): void
  /** Ends what is left open. */
  leave(): void
}

/** Serves one channel. */
type Handler<Channel> = (channel: Channel) => void | PromiseLike<void>

/** The channels that the peer opened, for whoever takes them. They hold their places meanwhile. */
export class AcceptedChannels<Core extends Acceptable, Channel extends Accepted>
  implements PullSource<Channel>
{
  readonly #toChannel: (core: Core) => Channel
  readonly #waiting = new Set<Core>()
  #controller: SourceController<Channel> | undefined
  #handler: Handler<Channel> | undefined
  #end: { readonly error: unknown } | undefined

  constructor(toChannel: (core: Core) => Channel) {
    this.#toChannel = toChannel
  }

  start(controller: SourceController<Channel>): void {
    this.#controller = controller
  }

  /** Nobody takes channels any more: they are refused. */
  cancel(): void {
    this.#controller = undefined
    this.serve(() => {
      throw new MuxError("REFUSED", "Nobody takes channels here")
    })
  }

  add(core: Core): void {
    this.#waiting.add(core)
    core.user = { onNews: () => this.#forgetIfDead(core) }
    this.pull()
  }

  serve(handler: Handler<Channel>): void {
    this.#handler = handler
    this.pull()
  }

  /** No more come. */
  end(error: unknown): void {
    this.#end = { error }
    this.pull()
  }

  /** What the peer has aborted and cancelled before anybody took it needs nobody. */
  #forgetIfDead(core: Core): void {
    // With the transport lost, what has come before may still be wanted.
    if (core.isOver || core.writeError === undefined || core.readError === undefined) return
    if (this.#waiting.delete(core)) core.release()
  }

  /** Hands over what waits, to whoever wants it. */
  pull(): void {
    for (const core of this.#waiting) {
      const controller = this.#controller
      if (this.#handler === undefined && (controller?.desiredSize ?? 0) <= 0) return
      this.#waiting.delete(core)
      const channel = this.#toChannel(core)
      if (this.#handler !== undefined) {
        void serve(core, channel, this.#handler)
      } else {
        controller?.enqueue(channel)
        core.release()
      }
    }
    const end = this.#end
    const controller = this.#controller
    if (end === undefined || controller === undefined) return
    this.#controller = undefined
    if (end.error === undefined) controller.close()
    else controller.error(end.error)
  }
}

async function serve<Channel extends Accepted>(
  core: Acceptable,
  channel: Channel,
  handler: Handler<Channel>,
): Promise<void> {
  try {
    await handler(channel)
  } catch (error) {
    channel.fail(error)
  }
  channel.leave()
  core.release()
}
