import type { AsyncStageController, AsyncTransformer } from "../async-transformer.ts"
import type { Engine } from "../engine/engine.ts"
import type { Input } from "../engine/input.ts"
import { isThenable } from "../is-thenable.ts"

interface WaitingWrite<I> {
  readonly chunk: I
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Runs an asynchronous transformer between a native `WritableStream`, whose underlying sink it is,
 * and an engine, which it feeds. The engine keeps what nobody has asked for yet, and delivers it
 * before an error.
 */
export class AsyncInput<I, O> implements Input, UnderlyingSink<I>, AsyncStageController<O> {
  readonly #engine: Engine
  #transformer: AsyncTransformer<I, O>
  readonly #passes: boolean
  #writable: WritableStreamDefaultController | undefined
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
    this.#failWritable(reason)
  }

  terminate(): void {
    if (this.#state !== "open") return
    const reason = new TypeError("Cannot write: the stage has terminated")
    this.#end("ended-itself")
    this.#abortSignal(reason)
    this.#engine.end()
    this.#failWritable(reason)
  }

  start(controller: WritableStreamDefaultController): void | Promise<void> {
    this.#writable = controller
    // A native writable calls `abort` only after the write in flight, which may wait for a reader
    // for ever; and what was made before is to be discarded at once.
    controller.signal?.addEventListener("abort", () => this.#onAbort(controller.signal.reason), {
      once: true,
    })
    return this.#guard(this.#transformer.start?.(this))
  }

  write(chunk: I): void | Promise<void> {
    if (this.#engine.hungry) return this.#guard(this.#transform(chunk))
    return new Promise((resolve, reject) => {
      this.#waiting = { chunk, resolve, reject }
    })
  }

  pull(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    try {
      const result = this.#transform(waiting.chunk)
      // Not `resolve(result)`: adopting a promise costs two more microtasks for each chunk.
      if (!isThenable(result)) return waiting.resolve()
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
    this.#finish ??= this.#stop(reason, (outcome) => this.#engine.abort(outcome))
    return this.#finish
  }

  cancel(reason: unknown): Promise<void> {
    // A flush that runs is waited for, as in the standard; it may look at the signal.
    if (this.#finish !== undefined) this.#abortSignal(reason)
    this.#finish ??= this.#stop(reason, (outcome) => this.#failWritable(outcome))
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
  #guard(result: void | PromiseLike<void>): void | Promise<void> {
    if (!isThenable(result)) return undefined
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
  #stop(reason: unknown, tell: (outcome: unknown) => void): Promise<void> {
    const transformer = this.#transformer
    this.#end("ended")
    this.#abortSignal(reason)
    try {
      const result = transformer.cancel?.(reason)
      if (isThenable(result)) return this.#stopLater(result, reason, tell)
    } catch (error) {
      tell(error)
      return Promise.reject(error)
    }
    tell(reason)
    return Promise.resolve()
  }

  async #stopLater(
    result: PromiseLike<void>,
    reason: unknown,
    tell: (outcome: unknown) => void,
  ): Promise<void> {
    try {
      await result
    } catch (error) {
      tell(error)
      throw error
    }
    tell(reason)
  }

  #onAbort(reason: unknown): void {
    // What it rejects with is told by the writable's own call of `abort`, which gets this promise.
    this.abort(reason).catch(() => {})
    this.#rejectWaiting(reason)
  }

  #failWritable(reason: unknown): void {
    this.#writable?.error(reason)
    this.#rejectWaiting(reason)
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
