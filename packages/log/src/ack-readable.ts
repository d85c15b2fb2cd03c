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
 * Its highWaterMark is 0, so a `pull` says that the consumer waits and the queue is empty: there an
 * error may follow what was given before, and a producer may go on. Most of the time nobody needs to
 * know, and a pull for each read is a good part of what a read costs: `pull` is left unsettled, so
 * that the next one comes only after `watch`.
 */
export class AckReadable implements AckSink {
  readonly readable: ReadableStream<Ack>
  #controller: ReadableStreamDefaultController<Ack> | undefined
  #state: AckState = { state: "open" }
  #unwatched: PromiseWithResolvers<void> | undefined
  /** At least as many as lie unread. */
  #given = 0

  constructor(host: () => AckReadableHost) {
    this.readable = new ReadableStream<Ack>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          if (this.#state.state === "failing") return this.discard(this.#state.reason)
          this.#given = 0
          host().resume()
          this.#unwatched = Promise.withResolvers()
          return this.#unwatched.promise
        },
        cancel: (reason) => {
          this.#state = { state: "ended" }
          host().cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
  }

  isAtLeast(count: number): boolean {
    if (this.#state.state !== "open" || this.#given < count) return count <= 0
    this.#given = this.#unread()
    return this.#given >= count
  }

  watch(): void {
    this.#unwatched?.resolve()
    this.#unwatched = undefined
  }

  give(ack: Ack): void {
    if (this.#state.state !== "open") return
    this.#given++
    this.#controller?.enqueue(ack)
  }

  close(): void {
    if (this.#state.state !== "open") return
    this.#state = { state: "ended" }
    this.#controller?.close()
  }

  fail(reason: unknown): void {
    if (this.#state.state !== "open") return
    const unread = this.#unread()
    this.#state = { state: "failing", reason }
    if (unread === 0) this.discard(reason)
    else this.watch()
  }

  discard(reason: unknown): void {
    if (this.#state.state === "ended") return
    this.#state = { state: "ended" }
    this.#controller?.error(reason)
  }

  #unread(): number {
    return -(this.#controller?.desiredSize ?? 0)
  }
}

/** For `writable()`, whose acknowledgements nobody takes. */
export const NO_ACKS: AckSink = {
  isAtLeast: (count) => count <= 0,
  watch() {},
  give() {},
  close() {},
  fail() {},
  discard() {},
}
