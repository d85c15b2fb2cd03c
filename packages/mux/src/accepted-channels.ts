import type { PullSource, SourceController } from "@bellmouth/core"
import type { Channel } from "./channel.ts"
import type { ChannelCore } from "./channel-core.ts"
import { MuxError } from "./mux-error.ts"
import { SessionChannel } from "./session-channel.ts"

/** Serves one channel. Its place is held until this is done; what is left open then is ended. */
export type ChannelHandler = (channel: Channel) => void | PromiseLike<void>

/** The channels that the peer opened, for whoever takes them. They hold their places meanwhile. */
export class AcceptedChannels implements PullSource<Channel> {
  readonly #maxItemBytes: () => number
  readonly #waiting = new Set<ChannelCore>()
  #controller: SourceController<Channel> | undefined
  #handler: ChannelHandler | undefined
  #end: { readonly error: unknown } | undefined

  constructor(maxItemBytes: () => number) {
    this.#maxItemBytes = maxItemBytes
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

  add(core: ChannelCore): void {
    this.#waiting.add(core)
    core.user = { onNews: () => this.#forgetIfDead(core) }
    this.pull()
  }

  serve(handler: ChannelHandler): void {
    this.#handler = handler
    this.pull()
  }

  /** No more come. */
  end(error: unknown): void {
    this.#end = { error }
    this.pull()
  }

  /** What the peer has aborted and cancelled before anybody took it needs nobody. */
  #forgetIfDead(core: ChannelCore): void {
    const { inbound, writeError } = core
    // With the transport lost, what has come before may still be wanted.
    if (core.isOver || writeError === undefined || inbound.error === undefined) return
    if (this.#waiting.delete(core)) core.release()
  }

  /** Hands over what waits, to whoever wants it. */
  pull(): void {
    for (const core of this.#waiting) {
      const controller = this.#controller
      if (this.#handler === undefined && (controller?.desiredSize ?? 0) <= 0) return
      this.#waiting.delete(core)
      const channel = new SessionChannel(core, this.#maxItemBytes)
      if (this.#handler !== undefined) {
        serve(core, channel, this.#handler)
        continue
      }
      controller?.enqueue(channel)
      core.release()
    }
    const end = this.#end
    const controller = this.#controller
    if (end === undefined || controller === undefined) return
    this.#controller = undefined
    if (end.error === undefined) controller.close()
    else controller.error(end.error)
  }
}

function serve(core: ChannelCore, channel: SessionChannel, handler: ChannelHandler): void {
  const leave = (): void => {
    channel.leave()
    core.release()
  }
  const failed = (error: unknown): void => {
    channel.fail(error)
    leave()
  }
  try {
    const work = handler(channel)
    if (work === undefined) leave()
    else Promise.resolve(work).then(leave, failed)
  } catch (error) {
    failed(error)
  }
}
