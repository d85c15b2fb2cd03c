import type { Engine } from "../engine/engine.ts"
import type { Input } from "../engine/input.ts"
import { isThenable } from "../is-thenable.ts"
import type { AsyncStageController, AsyncTransformer } from "./async-transformer.ts"
import type { Fed } from "./engine-feed.ts"
import type { Feed } from "./feed.ts"

interface WaitingWrite<I> {
  readonly chunk: I
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Tells the other end how it ended. */
type Tell = (outcome: unknown) => Promise<void> | undefined | void

/**
 * Runs an asynchronous transformer between what feeds it and an engine, which it feeds. It is written
 * to as an underlying sink of the standard. The engine keeps what nobody has asked for yet, and
 * delivers it before an error.
 */
export class AsyncInput<I, O> implements Input, UnderlyingSink<I>, Fed, AsyncStageController<O> {
  readonly #engine: Engine
  #transformer: AsyncTransformer<I, O>
  readonly #passes: boolean
  readonly #started: Promise<void> | undefined
  #feed: Feed | undefined
  #waiting: WaitingWrite<I> | undefined
  #abortion: AbortController | undefined
  /** Why nothing that is still made can be of use. */
  #useless: { readonly reason: unknown } | undefined
  #state: "open" | "ended" | "ended-itself" = "open"
  /** Set by whichever of close, cancel and abort comes first; the others wait for it. */
  #finish: Promise<void> | undefined

  constructor(engine: Engine, transformer: AsyncTransformer<I, O>) {
    this.#engine = engine
    this.#transformer = transformer
    this.#passes = transformer.transform === undefined
    this.#started = this.#guard(transformer.start?.(this))
    // Told at both ends; there may be no one to attach yet.
    this.#started?.catch(() => {})
  }

  get hungry(): boolean {
    return this.#engine.hungry
  }

  get desiredSize(): number {
    return this.#engine.hungry ? this.#engine.demand : 0
  }

  get signal(): AbortSignal {
    if (this.#abortion === undefined) {
      this.#abortion = new AbortController()
      if (this.#useless !== undefined) this.#abortion.abort(this.#useless.reason)
    }
    return this.#abortion.signal
  }

  enqueue(chunk: O): void {
    if (this.#state === "open") this.#engine.accept(chunk)
    else if (this.#state === "ended-itself") {
      throw new TypeError("Cannot enqueue: the stage has ended itself")
    }
  }

  error(reason: unknown): void {
    if (this.#state !== "open") return
    this.#end("ended-itself")
    this.#abortSignal(reason)
    this.#engine.failInput(reason)
    // What a source's cancel throws comes second: the reader gets `reason`.
    this.#stopFeed(reason)?.catch(() => {})
  }

  terminate(): void {
    if (this.#state !== "open") return
    const reason = new TypeError("Cannot write: the stage has terminated")
    this.#end("ended-itself")
    this.#abortSignal(reason)
    this.#engine.end()
    this.#stopFeed(reason)?.catch(() => {}) // nobody is left to tell
  }

  start(controller: WritableStreamDefaultController): Promise<void> | undefined {
    // A native writable calls `abort` only after the write in flight, which may wait for a reader
    // for ever; and what was made before is to be discarded at once.
    controller.signal?.addEventListener("abort", () => this.abortNow(controller.signal.reason), {
      once: true,
    })
    const stop = (reason: unknown): undefined => controller.error(reason) as undefined
    return this.attach({ want() {}, stop })
  }

  attach(feed: Feed): Promise<void> | undefined {
    this.#feed = feed
    // What a source's cancel throws comes second: the stage has ended before.
    if (this.#useless !== undefined) feed.stop(this.#useless.reason)?.catch(() => {})
    return this.#started
  }

  write(chunk: I): Promise<void> | undefined {
    if (this.#engine.hungry) return this.#guard(this.#transform(chunk))
    return new Promise((resolve, reject) => {
      this.#waiting = { chunk, resolve, reject }
    })
  }

  pull(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return this.#feed?.want()
    this.#waiting = undefined
    try {
      const result = this.#transform(waiting.chunk)
      // Not `resolve(result)`: adopting a promise costs two more microtasks for each chunk.
      if (!isThenable(result)) return waiting.resolve()
      this.#feed?.want()
      result.then(waiting.resolve, (reason: unknown) => {
        this.error(reason)
        waiting.reject(reason)
      })
    } catch (reason) {
      waiting.reject(reason)
    }
  }

  close(): Promise<void> {
    this.#finish ??= this.#flush()
    return this.#finish
  }

  abort(reason: unknown): Promise<void> {
    if (this.#finish !== undefined) this.#abortSignal(reason)
    this.#finish ??= this.#stop(reason, (outcome) => this.#engine.abort(outcome))
    return this.#finish
  }

  abortNow(reason: unknown): void {
    // What it rejects with is told by a writable's own call of `abort`, which gets this promise.
    this.abort(reason).catch(() => {})
    this.#rejectWaiting(reason)
  }

  fail(reason: unknown): void {
    this.#finish ??= this.#stop(reason, (outcome) => this.#engine.failInput(outcome))
    // What the transformer throws has become the outcome.
    this.#finish.catch(() => {})
  }

  cancel(reason: unknown): Promise<void> {
    // A flush that runs is waited for, as in the standard; it may look at the signal.
    if (this.#finish !== undefined) this.#abortSignal(reason)
    this.#finish ??= this.#stop(reason, (outcome) => this.#stopFeed(outcome))
    return this.#finish
  }

  #transform(chunk: I): void | PromiseLike<void> {
    // The standard's default: without a `transform` input and output are of one type.
    if (this.#passes) return this.enqueue(chunk as unknown as O)
    try {
      return this.#transformer.transform?.(chunk, this)
    } catch (reason) {
      return this.#onRejected(reason)
    }
  }

  /** Makes a rejection the stage's error as well as the caller's. */
  #guard(result: void | PromiseLike<void>): Promise<void> | undefined {
    if (!isThenable(result)) return undefined
    this.#feed?.want()
    const promise = result instanceof Promise ? result : Promise.resolve(result)
    return promise.then(undefined, this.#onRejected)
  }

  readonly #onRejected = (reason: unknown): never => {
    this.error(reason)
    throw reason
  }

  async #flush(): Promise<void> {
    try {
      await this.#transformer.flush?.(this)
    } catch (reason) {
      this.error(reason)
      throw reason
    }
    this.#end("ended-itself")
    this.#engine.end()
  }

  /** Tells the transformer, then the other end: at once if the transformer does not make us wait. */
  #stop(reason: unknown, tell: Tell): Promise<void> {
    const transformer = this.#transformer
    this.#end("ended")
    this.#abortSignal(reason)
    try {
      const result = transformer.cancel?.(reason)
      if (isThenable(result)) return this.#stopLater(result, reason, tell)
    } catch (error) {
      // What stopping the other end throws comes second.
      tell(error)?.catch(() => {})
      return Promise.reject(error)
    }
    return tell(reason) ?? Promise.resolve()
  }

  async #stopLater(result: PromiseLike<void>, reason: unknown, tell: Tell): Promise<void> {
    try {
      await result
    } catch (error) {
      tell(error)?.catch(() => {}) // comes second, as above
      throw error
    }
    await tell(reason)
  }

  #stopFeed(reason: unknown): Promise<void> | undefined {
    this.#rejectWaiting(reason)
    return this.#feed?.stop(reason)
  }

  #rejectWaiting(reason: unknown): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(reason)
  }

  /** Drops the user's callbacks. */
  #end(state: "ended" | "ended-itself"): void {
    if (this.#state !== "open") return
    this.#state = state
    this.#transformer = {}
  }

  #abortSignal(reason: unknown): void {
    this.#useless ??= { reason }
    this.#abortion?.abort(reason)
  }
}
