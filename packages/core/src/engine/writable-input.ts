import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

interface Settle {
  resolve(): void
  reject(reason: unknown): void
}

/** Feeds an engine from a native `WritableStream`, whose underlying sink it is. */
export class WritableInput implements Input, UnderlyingSink<unknown> {
  readonly #engine: Engine
  #controller: WritableStreamDefaultController | undefined
  #waiting: (Settle & { readonly chunk: unknown }) | undefined
  #closing: Settle | undefined
  #hasFlushed = false
  #watchesAbort = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller
  }

  write(chunk: unknown): Promise<void> | undefined {
    if (this.#engine.hungry) {
      this.#engine.accept(chunk)
      this.#throwFailure()
      return undefined
    }
    this.#watchAbort()
    return new Promise((resolve, reject) => {
      this.#waiting = { chunk, resolve, reject }
    })
  }

  close(): Promise<void> | undefined {
    this.#engine.end()
    this.#throwFailure()
    if (this.#hasFlushed) return undefined
    return new Promise((resolve, reject) => {
      this.#closing = { resolve, reject }
    })
  }

  abort(reason: unknown): void {
    this.#engine.abort(reason)
  }

  pull(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    this.#engine.feed(waiting.chunk)
    const { failure } = this.#engine
    if (failure === undefined) waiting.resolve()
    else waiting.reject(failure.reason)
  }

  cancel(reason: unknown): undefined {
    this.#controller?.error(reason)
    this.#rejectWaiting(reason)
    this.#closing?.reject(reason)
  }

  flushed(): void {
    this.#hasFlushed = true
    this.#closing?.resolve()
  }

  #throwFailure(): void {
    const { failure } = this.#engine
    if (failure !== undefined) throw failure.reason
  }

  #rejectWaiting(reason: unknown): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(reason)
  }

  /** A native writable calls `abort` only after the write in flight, which may wait for a reader for ever. */
  #watchAbort(): void {
    const signal = this.#watchesAbort ? undefined : this.#controller?.signal
    if (signal === undefined) return
    this.#watchesAbort = true
    signal.addEventListener("abort", () => this.#rejectWaiting(signal.reason), { once: true })
  }
}
