import type { AckSink } from "./append-pipe.ts"
import type { Ack } from "./log.ts"

/** Who wants to know what the consumer of the acknowledgements does. */
export interface AckReadableHost {
  /** Everything given has been taken. */
  resume(): void
  cancel(reason: unknown): void
}

type AckState =
  | { readonly state: "open" }
  | { readonly state: "failing"; readonly reason: unknown }
  | { readonly state: "ended" }

/**
 * The readable side of `append()`.
 *
 * Its highWaterMark is 0, so `pull` says that the consumer waits and the queue is empty: there an
 * error may follow what was given before.
 */
export class AckReadable implements AckSink {
  readonly readable: ReadableStream<Ack>
  #controller: ReadableStreamDefaultController<Ack> | undefined
  #state: AckState = { state: "open" }

  constructor(host: () => AckReadableHost) {
    this.readable = new ReadableStream<Ack>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          if (this.#state.state === "failing") this.discard(this.#state.reason)
          else host().resume()
        },
        cancel: (reason) => {
          this.#state = { state: "ended" }
          host().cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
  }

  unread(): number {
    return this.#state.state === "open" ? -(this.#controller?.desiredSize ?? 0) : 0
  }

  give(ack: Ack): void {
    if (this.#state.state === "open") this.#controller?.enqueue(ack)
  }

  close(): void {
    if (this.#state.state !== "open") return
    this.#state = { state: "ended" }
    this.#controller?.close()
  }

  fail(reason: unknown): void {
    if (this.#state.state !== "open") return
    const unread = this.unread()
    this.#state = { state: "failing", reason }
    if (unread === 0) this.discard(reason)
  }

  discard(reason: unknown): void {
    if (this.#state.state === "ended") return
    this.#state = { state: "ended" }
    this.#controller?.error(reason)
  }
}

/** For `writable()`, whose acknowledgements nobody takes. */
export const NO_ACKS: AckSink = {
  unread: () => 0,
  give() {},
  close() {},
  fail() {},
  discard() {},
}
