import type { PullSource, SourceController } from "@bellmouth/core"
import type { ObjectChannelCore } from "./object-channel-core.ts"

/** The underlying source of a channel's readable: takes a chunk when the application asks for one. */
export class ObjectSource implements PullSource<unknown> {
  readonly #core: ObjectChannelCore
  #controller: SourceController<unknown> | undefined

  constructor(core: ObjectChannelCore) {
    this.#core = core
  }

  start(controller: SourceController<unknown>): void {
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

  /** Chunks are asked for, or they or the end may have come. */
  pull(): void {
    const controller = this.#controller
    if (controller === undefined) return
    while (controller.desiredSize > 0) {
      const next = this.#core.take()
      if (next === undefined) break
      controller.enqueue(next.chunk)
    }
    this.#advanceEnd()
  }

  #advanceEnd(): void {
    const { isInEnded, isEmpty, readError } = this.#core
    const controller = this.#controller
    if (!isInEnded || !isEmpty || controller === undefined) return
    this.#controller = undefined
    if (readError === undefined) controller.close()
    else controller.error(readError)
  }
}
