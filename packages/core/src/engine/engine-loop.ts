import type { Handover } from "./handover.ts"
import type { Outlet } from "./outlet.ts"
import { TimeSlice } from "./time-slice.ts"

type Consume<T> = (chunk: T, index: number) => void | PromiseLike<void>

/** A loop over an engine's chunks, without a promise for each of them. */
export class EngineLoop implements Outlet {
  /** Resolves when the engine has closed. */
  readonly finished: Promise<void>
  readonly #handover: Handover
  readonly #consume: Consume<unknown>
  readonly #signal: AbortSignal | undefined
  readonly #slice = new TimeSlice()
  #index = 0
  #isConsuming = false
  /** How the engine ended while a chunk was still being consumed. */
  #lateEnd: (() => void) | undefined
  #isOver = false
  #resolve: () => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(handover: Handover, consume: Consume<never>, signal: AbortSignal | undefined) {
    this.#handover = handover
    // The chunks' type was checked where the chain was built.
    this.#consume = consume as Consume<unknown>
    this.#signal = signal
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    signal?.addEventListener("abort", this.#onAbort, { once: true })
    handover.engine.connectOutlet(this)
    handover.engine.pull(1)
  }

  chunk(chunk: unknown): void {
    try {
      const result = this.#consume(chunk, this.#index++)
      if (result !== undefined && result !== null && typeof result.then === "function") {
        this.#isConsuming = true
        result.then(this.#onConsumed, this.#stop)
      } else if (this.#slice.isOver()) {
        this.#slice.yield().then(this.#ask, this.#stop)
      } else {
        this.#ask()
      }
    } catch (error) {
      this.#stop(error)
    }
  }

  close(): void {
    this.#handover.home.close()
    this.#end(this.#resolve)
  }

  error(reason: unknown): void {
    this.#handover.home.abort(reason)
    this.#end(() => this.#reject(reason))
  }

  abort(reason: unknown): void {
    this.error(reason)
  }

  readonly #ask = (): void => {
    if (!this.#isOver) this.#handover.engine.pull(1)
  }

  readonly #onConsumed = (): void => {
    this.#isConsuming = false
    if (this.#lateEnd === undefined) this.#ask()
    else this.#end(this.#lateEnd)
  }

  /** What the last chunk's `consume` rejects with must not be lost, so the end waits for it. */
  #end(settle: () => void): void {
    if (this.#isOver) return
    if (this.#isConsuming) {
      this.#lateEnd = settle
      return
    }
    this.#finish()
    settle()
  }

  /** The loop gives up: the readable is cancelled with what ended it. */
  readonly #stop = (error: unknown): void => {
    if (this.#isOver) return
    // First: a stage that is being told may abort the signal, and it is `error` that has ended the loop.
    this.#isOver = true
    const cancelled = this.#handover.reader.cancel(error)
    this.#finish()
    const reject = (): void => this.#reject(error)
    // Whatever cancelling throws comes second: the caller learns what ended the loop.
    cancelled.then(reject, reject)
  }

  readonly #onAbort = (): void => {
    this.#stop(this.#signal?.reason)
  }

  #finish(): void {
    this.#isOver = true
    this.#signal?.removeEventListener("abort", this.#onAbort)
    this.#handover.reader.releaseLock()
  }
}
