import type { SourceController } from "@bellmouth/core"
import type { ChannelUser } from "../channel/channel-user.ts"
import { type Ready, ReadySource } from "../streams/ready-source.ts"
import { MuxError } from "../wire/mux-error.ts"
import { failureOf } from "../wire/wire-reason.ts"

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
  /** Ends what is left open; with what its handler threw, if it did. */
  leave(reason: unknown): void
}

/** Serves one channel. */
type Handler<Channel> = (channel: Channel) => void | PromiseLike<void>

/** The channels that the peer opened, for whoever takes them. They hold their places meanwhile. */
export class AcceptedChannels<Core extends Acceptable, Channel extends Accepted>
  implements Ready<Channel>
{
  readonly source: ReadySource<Channel> = new ReadySource(this)
  readonly #toChannel: (core: Core) => Channel
  readonly #waiting = new Set<Core>()
  #handler: Handler<Channel> | undefined
  #end: { readonly error: unknown } | undefined

  constructor(toChannel: (core: Core) => Channel) {
    this.#toChannel = toChannel
  }

  add(core: Core): void {
    this.#waiting.add(core)
    core.user = { onNews: () => this.#forgetIfDead(core) }
    this.#advance()
  }

  serve(handler: Handler<Channel>): void {
    this.#handler = handler
    this.#advance()
  }

  /** No more come. */
  close(error: unknown): void {
    this.#end = { error }
    this.#advance()
  }

  get end(): { readonly error: unknown } | undefined {
    return this.#waiting.size === 0 ? this.#end : undefined
  }

  give(to: SourceController<Channel>): boolean {
    const [core] = this.#waiting
    if (core === undefined) return false
    this.#waiting.delete(core)
    to.enqueue(this.#toChannel(core))
    core.release()
    return true
  }

  /** Nobody takes channels any more: they are refused. */
  cancel(): void {
    this.serve(() => {
      throw new MuxError("REFUSED", "Nobody takes channels here")
    })
  }

  /** What the peer has aborted and cancelled before anybody took it needs nobody. */
  #forgetIfDead(core: Core): void {
    // With the transport lost, what has come before may still be wanted.
    if (core.isOver || core.writeError === undefined || core.readError === undefined) return
    if (this.#waiting.delete(core)) core.release()
  }

  /** Hands over what waits, to whoever wants it. */
  #advance(): void {
    const handler = this.#handler
    if (handler !== undefined) {
      for (const core of this.#waiting) {
        this.#waiting.delete(core) // first: the handler may set another
        void serve(core, this.#toChannel(core), handler)
      }
    }
    this.source.pull()
  }
}

async function serve<Channel extends Accepted>(
  core: Acceptable,
  channel: Channel,
  handler: Handler<Channel>,
): Promise<void> {
  let reason: unknown
  try {
    await handler(channel)
  } catch (error) {
    reason = failureOf(error)
    channel.fail(reason)
  }
  channel.leave(reason)
  core.release()
}
