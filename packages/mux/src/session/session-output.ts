import type { PullSource, SourceController } from "@bellmouth/core"
import { DONE } from "../streams/direct-sink.ts"
import type { SessionCore } from "./session-core.ts"

/**
 * The underlying source of a session's readable: gathers frames until the microtask's end. It is no
 * `ReadySource`, since one loop for sessions and channels costs a channel a twentieth of its speed.
 */
export class SessionOutput implements PullSource<Uint8Array> {
  readonly #core: SessionCore
  readonly #onEnd: () => void
  #controller: SourceController<Uint8Array> | undefined
  #isScheduled = false

  /** `onEnd` is called when the last chunk was given, or the transport takes no more. */
  constructor(core: SessionCore, onEnd: () => void) {
    this.#core = core
    this.#onEnd = onEnd
  }

  start(controller: SourceController<Uint8Array>): void {
    this.#controller = controller
  }

  cancel(reason: unknown): void {
    this.#controller = undefined
    this.#core.lost(reason)
    this.#onEnd()
  }

  /** There may be something to send. */
  schedule(): void {
    if (this.#isScheduled || this.#controller === undefined) return
    this.#isScheduled = true
    // In Node.js a queued microtask costs several times as much.
    void DONE.then(() => {
      this.#isScheduled = false
      this.pull()
    })
  }

  /** Fails it without what was not yet taken. */
  fail(reason: unknown): void {
    const controller = this.#controller
    this.#controller = undefined
    controller?.error(reason)
  }

  pull(): void {
    const core = this.#core
    const controller = this.#controller
    if (controller === undefined) return
    while (controller.desiredSize > 0) {
      const chunk = core.take()
      if (chunk === undefined) break
      controller.enqueue(chunk)
    }
    if (!core.isOver || !core.isSilent || this.#controller === undefined) return
    this.#controller = undefined
    controller.close()
    this.#onEnd()
  }
}
