import { ReadySource } from "../streams/ready-source.ts"
import type { SessionCore } from "./session-core.ts"

/** The underlying source of a session's readable: gathers frames until the microtask's end. */
export class SessionOutput extends ReadySource<Uint8Array> {
  #isScheduled = false

  /** `onEnd` is called when the last chunk was given, or the transport takes no more. */
  constructor(core: SessionCore, onEnd: () => void) {
    super({
      give(to) {
        const chunk = core.take()
        if (chunk !== undefined) to.enqueue(chunk)
        return chunk !== undefined
      },
      get end() {
        if (!core.isOver || !core.isSilent) return undefined
        onEnd()
        return { error: undefined }
      },
      cancel: (reason) => {
        core.lost(reason)
        onEnd()
      },
    })
  }

  /** There may be something to send. */
  schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(this.#onTurn)
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false
    this.pull()
  }
}
