import { fromPull } from "@bellmouth/core"
import { DirectWritable } from "../streams/direct-writable.ts"
import type { ObjectChannel } from "./object-channel.ts"
import type { ObjectChannelCore, ObjectChannelUser } from "./object-channel-core.ts"
import { ObjectSink } from "./object-sink.ts"
import { ObjectSource } from "./object-source.ts"

/** A channel as streams. */
export class ObjectChannelStreams implements ObjectChannel, ObjectChannelUser {
  readonly readable: ReadableStream<unknown>
  readonly writable: WritableStream<unknown>
  readonly finished: Promise<void>
  readonly signal: AbortSignal
  readonly #core: ObjectChannelCore
  readonly #source: ObjectSource
  readonly #sink: ObjectSink
  readonly #finished: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #aborter = new AbortController()

  constructor(core: ObjectChannelCore) {
    this.#core = core
    this.#source = new ObjectSource(core)
    this.#sink = new ObjectSink(core)
    this.readable = fromPull(this.#source)
    this.writable = new DirectWritable(this.#sink)
    this.finished = this.#finished.promise
    this.finished.catch(() => {}) // the streams tell, too
    this.signal = this.#aborter.signal
    core.user = this
    this.onNews()
  }

  get metadata(): unknown {
    return this.#core.head
  }

  get id(): number | undefined {
    return this.#core.id
  }

  fail(reason: unknown): void {
    this.#sink.failBehind(reason)
  }

  /** Ends both directions when `signal` aborts. */
  endWith(signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#sink.abort(signal.reason)
      this.#source.fail(signal.reason)
      this.#core.cancel(signal.reason)
    }
    signal.addEventListener("abort", onAbort, { once: true })
    const forget = (): void => signal.removeEventListener("abort", onAbort)
    this.finished.then(forget, forget)
  }

  /** Ends what its user has left open. */
  leave(): void {
    if (!this.#core.isEnding && this.#sink.isOpen) this.#sink.close().catch(() => {}) // `finished` tells
    if (!this.#core.isInEnded || !this.#core.isEmpty) {
      this.#core.cancel(undefined)
    }
  }

  onNews(): void {
    const core = this.#core
    this.#source.pull()
    this.#sink.advance()
    if (core.failure !== undefined) this.#aborter.abort(core.failure)
    if (!core.isOver) return
    if (core.failure === undefined) this.#finished.resolve()
    else this.#finished.reject(core.failure)
  }
}
