import { fromPull } from "@bellmouth/core"
import { DirectWritable } from "../streams/direct-writable.ts"
import type { EndingSink } from "../streams/ending-sink.ts"
import { type Ready, ReadySource } from "../streams/ready-source.ts"
import type { MuxErrorCode } from "../wire/wire-codes.ts"
import { failureOf } from "../wire/wire-reason.ts"
import type { ChannelUser } from "./channel-user.ts"

/** A channel, of bytes or of objects, before it has streams. */
export interface Streamable<T> extends Ready<T> {
  user: ChannelUser
  readonly metadata: T
  readonly id: number | undefined
  /** The first thing that ended a direction early. */
  readonly failure: unknown
  readonly isOver: boolean
  /** The code is for an error that names none. */
  cancel(error: unknown, otherwise?: MuxErrorCode): void
  hold(): void
  release(): void
}

/** A channel as streams, which are made when they are first looked at. */
export class ChannelStreams<T, Written> implements ChannelUser {
  readonly #core: Streamable<T>
  readonly #sink: EndingSink<Written>
  #source: ReadySource<T> | undefined
  #readable: ReadableStream<T> | undefined
  #writable: WritableStream<Written> | undefined
  #finished: PromiseWithResolvers<void> | undefined
  #aborter: AbortController | undefined

  /** Ends both directions when `signal` aborts. */
  constructor(core: Streamable<T>, sink: EndingSink<Written>, signal?: AbortSignal) {
    this.#core = core
    this.#sink = sink
    core.user = this
    if (signal === undefined) return
    const onAbort = (): void => {
      sink.abort(signal.reason)
      void this.readable // it fails, also if it is looked at later, before its core may end in order
      this.#source?.fail(signal.reason)
      core.cancel(signal.reason)
    }
    signal.addEventListener("abort", onAbort, { once: true })
    const forget = (): void => signal.removeEventListener("abort", onAbort)
    this.finished.then(forget, forget)
  }

  get readable(): ReadableStream<T> {
    this.#source ??= new ReadySource(this.#core)
    this.#readable ??= fromPull(this.#source)
    return this.#readable
  }

  get writable(): WritableStream<Written> {
    this.#writable ??= new DirectWritable(this.#sink)
    return this.#writable
  }

  get metadata(): T {
    return this.#core.metadata
  }

  get id(): number | undefined {
    return this.#core.id
  }

  get finished(): Promise<void> {
    if (this.#finished === undefined) {
      this.#finished = Promise.withResolvers()
      this.#finished.promise.catch(() => {}) // the streams tell, too
      this.#tellEnd()
    }
    return this.#finished.promise
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController()
    this.#tellEnd()
    return this.#aborter.signal
  }

  fail(reason: unknown): void {
    this.#sink.failBehind(failureOf(reason))
  }

  waitUntil(work: PromiseLike<unknown>): void {
    this.#core.hold()
    const release = (): void => this.#core.release()
    work.then(release, release)
  }

  /**
   * Ends what its user has left open.
   *
   * @internal
   */
  leave(reason: unknown): void {
    if (this.#sink.isOpen) this.#sink.close().catch(() => {}) // `finished` tells
    if (this.#core.end === undefined) this.#core.cancel(reason, "INTERNAL")
  }

  /** @internal */
  onNews(): void {
    this.#source?.pull()
    this.#sink.advance()
    this.#tellEnd()
  }

  #tellEnd(): void {
    const { failure, isOver } = this.#core
    if (failure !== undefined) this.#aborter?.abort(failure)
    if (!isOver) return
    if (failure === undefined) this.#finished?.resolve()
    else this.#finished?.reject(failure)
  }
}
