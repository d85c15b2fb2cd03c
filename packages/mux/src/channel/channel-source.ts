import type { PullSource, SourceController } from "@bellmouth/core"
import type { ChannelCore } from "./channel-core.ts"

/** The underlying source of a channel's readable: takes an item when the application asks for one. */
export class ChannelSource implements PullSource<Uint8Array> {
  readonly #core: ChannelCore
  #controller: SourceController<Uint8Array> | undefined

  constructor(core: ChannelCore) {
    this.#core = core
    core.inbound.isAwaited = () => (this.#controller?.desiredSize ?? 0) > 0
  }

  start(controller: SourceController<Uint8Array>): void {
    this.#controller = controller
    this.#advanceEnd()
  }

  cancel(reason: unknown): void {
    this.#controller = undefined
    this.#core.cancel(reason)
  }

  /** Fails it on this side's own account. */
  fail(reason: unknown): void {
    const controller = this.#controller
    this.#controller = undefined
    controller?.error(reason)
  }

  /** Items are asked for, or they or the end may have come. */
  pull(): void {
    const controller = this.#controller
    if (controller === undefined) return
    while (controller.desiredSize > 0) {
      const item = this.#core.inbound.take()
      if (item === undefined) {
        this.#core.inbound.wait()
        break
      }
      controller.enqueue(item)
    }
    this.#advanceEnd()
  }

  #advanceEnd(): void {
    const { inbound } = this.#core
    const controller = this.#controller
    if (!inbound.isEnded || !inbound.isEmpty || controller === undefined) return
    this.#controller = undefined
    if (inbound.error === undefined) controller.close()
    else controller.error(inbound.error)
  }
}
