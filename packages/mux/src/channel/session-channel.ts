import { fromPull } from "@bellmouth/core"
import { DirectWritable } from "../streams/direct-writable.ts"
import { ReadySource } from "../streams/ready-source.ts"
import type { Channel } from "./channel.ts"
import type { ChannelCore } from "./channel-core.ts"
import { type ChannelChunk, ChannelSink } from "./channel-sink.ts"
import type { ChannelUser } from "./channel-user.ts"

/** A channel as streams, which are made when they are first looked at. */
export class SessionChannel implements Channel, ChannelUser {
  readonly #core: ChannelCore
  readonly #sink: ChannelSink
  #source: ReadySource<Uint8Array> | undefined
  #readable: ReadableStream<Uint8Array> | undefined
  #writable: WritableStream<ChannelChunk> | undefined
  #finished: PromiseWithResolvers<void> | undefined
  #aborter: AbortController | undefined

  constructor(core: ChannelCore) {
    this.#core = core
    this.#sink = new ChannelSink(core)
    core.user = this
  }

  get readable(): ReadableStream<Uint8Array> {
    if (this.#readable === undefined) {
      const source = new ReadySource(this.#core)
      this.#source = source
      this.#core.inbound.isAwaited = () => source.isAwaited
      this.#readable = fromPull(source)
    }
    return this.#readable
  }

  get writable(): WritableStream<ChannelChunk> {
    this.#writable ??= new DirectWritable(this.#sink)
    return this.#writable
  }

  get metadata(): Uint8Array {
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
    this.#sink.failBehind(reason)
  }

  waitUntil(work: PromiseLike<unknown>): void {
    this.#core.hold()
    const release = (): void => this.#core.release()
    work.then(release, release)
  }

  /**
   * Ends both directions when `signal` aborts.
   *
   * @internal
   */
  endWith(signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#sink.abort(signal.reason)
      this.#core.cancel(signal.reason)
      this.#source?.fail(signal.reason)
    }
    signal.addEventListener("abort", onAbort, { once: true })
    const forget = (): void => signal.removeEventListener("abort", onAbort)
    this.finished.then(forget, forget)
  }

  /**
   * Ends what its user has left open.
   *
   * @internal
   */
  leave(): void {
    const { inbound, outbound } = this.#core
    if (!outbound.isEnding && this.#sink.isOpen) this.#sink.close().catch(() => {}) // `finished` tells
    if (!inbound.isEnded || !inbound.isEmpty) this.#core.cancel(undefined)
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
