import type { PullSource, SourceController } from "@bellmouth/core"
import { MuxError } from "../mux-error.ts"
import type { ObjectChannel } from "./object-channel.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"
import { ObjectChannelStreams } from "./object-channel-streams.ts"

/** Serves one channel. Its place is held until this is done; what is left open then is ended. */
export type ObjectChannelHandler = (channel: ObjectChannel) => void | PromiseLike<void>

/** The channels that the peer opened, for whoever takes them. They hold their places meanwhile. */
export class AcceptedObjectChannels implements PullSource<ObjectChannel> {
  readonly #waiting = new Set<ObjectChannelCore>()
  #controller: SourceController<ObjectChannel> | undefined
  #handler: ObjectChannelHandler | undefined
  #end: { readonly error: unknown } | undefined

  start(controller: SourceController<ObjectChannel>): void {
    this.#controller = controller
  }

  /** Nobody takes channels any more: they are refused. */
  cancel(): void {
    this.#controller = undefined
    this.serve(() => {
      throw new MuxError("REFUSED", "Nobody takes channels here")
    })
  }

  add(core: ObjectChannelCore): void {
    core.hold()
    this.#waiting.add(core)
    // What the peer has aborted and cancelled before anybody took it needs nobody.
    const forgetIfDead = (): void => {
      if (core.isOver || core.writeError === undefined || core.readError === undefined) return
      if (this.#waiting.delete(core)) core.release()
    }
    core.user = { onNews: forgetIfDead }
    this.pull()
  }

  serve(handler: ObjectChannelHandler): void {
    this.#handler = handler
    this.pull()
  }

  /** No more come. */
  end(error: unknown): void {
    this.#end = { error }
    this.pull()
  }

  /** Hands over what waits, to whoever wants it. */
  pull(): void {
    for (const core of this.#waiting) {
      const controller = this.#controller
      if (this.#handler === undefined && (controller?.desiredSize ?? 0) <= 0) return
      this.#waiting.delete(core)
      const channel = new ObjectChannelStreams(core)
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

async function serve(
  core: ObjectChannelCore,
  channel: ObjectChannelStreams,
  handler: ObjectChannelHandler,
): Promise<void> {
  try {
    await handler(channel)
  } catch (error) {
    channel.fail(error)
  }
  channel.leave()
  core.release()
}
