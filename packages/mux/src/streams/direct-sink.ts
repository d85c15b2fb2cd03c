import { Ring } from "./ring.ts"

/** A write of which something is left, if only the wait for room. */
interface Waiting<T> {
  readonly chunk: T
  readonly written: PromiseWithResolvers<void>
}

/** A promise that is kept already: what follows it comes in a turn of its own. */
export const DONE: Promise<void> = Promise.resolve()

/** An underlying sink that takes chunks at once while it has room, and whose promises say when it has. */
export abstract class DirectSink<T> implements UnderlyingSink<T> {
  /** `close()` was called: nothing is taken any more. */
  isClosing = false
  protected failure: { readonly reason: unknown } | undefined
  readonly #waiting = new Ring<Waiting<T>>()
  #controller: WritableStreamDefaultController | undefined
  #ready: PromiseWithResolvers<void> | undefined
  #watchesAbort = false

  /** Takes no more; there is nothing to be ready for. */
  shut(): void {
    this.isClosing = true
    this.#beReady()
  }

  /** Whether it takes chunks: it has not failed, nor ended. */
  get isOpen(): boolean {
    return !this.isClosing && this.failure === undefined
  }

  /** How much is taken at once; a chunk is, while this is above 0. */
  get room(): number {
    return this.#waiting.length === 0 ? this.free : Math.min(0, this.free)
  }

  /** Fulfils when there is room, rejects when there never will be. Needs no handling. */
  get ready(): Promise<void> {
    if (this.room > 0) return DONE
    if (this.#ready === undefined) {
      this.#ready = Promise.withResolvers()
      this.#ready.promise.catch(() => {}) // whoever writes is told
    }
    return this.#ready.promise
  }

  start(controller: WritableStreamDefaultController): void | Promise<void> {
    this.#controller = controller
    if (this.failure !== undefined) controller.error(this.failure.reason)
  }

  write(chunk: T): Promise<void> {
    return this.push(chunk)
  }

  /** Takes a chunk, now or when there is room. */
  push(chunk: T): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure.reason)
    try {
      if (this.#waiting.length === 0 && this.take(chunk)) return DONE
    } catch (error) {
      this.giveUp(error)
      return Promise.reject(error)
    }
    const written = Promise.withResolvers<void>()
    this.#waiting.push({ chunk, written })
    return written.promise
  }

  abstract abort(reason: unknown): void

  /** A native writable calls `abort` only after the step in flight, which may wait for ever. */
  protected watchAbort(): void {
    const signal = this.#controller?.signal
    if (this.#watchesAbort || signal === undefined) return
    this.#watchesAbort = true
    signal.addEventListener("abort", () => this.abort(signal.reason), { once: true })
  }

  /** How much would be taken if nothing waited. */
  protected abstract get free(): number

  /**
   * Takes what there is room for: whether that is all of the chunk; if not, it is asked again with the
   * same. What it throws is given up.
   */
  protected abstract take(chunk: T): boolean

  /** A chunk could not be taken: fails the sink, and what lies behind it, unless that goes on. */
  protected abstract giveUp(error: unknown): void

  /** There may be room: whether nothing waits any more. */
  advance(): boolean {
    for (let first = this.#waiting.peek(); first !== undefined; first = this.#waiting.peek()) {
      try {
        if (!this.take(first.chunk)) return false
        first.written.resolve()
      } catch (error) {
        first.written.reject(error)
        this.giveUp(error)
      }
      this.#waiting.shift()
    }
    if (this.free > 0) this.#beReady()
    return true
  }

  #beReady(): void {
    this.#ready?.resolve()
    this.#ready = undefined
  }

  /** Whoever waits for room is told to stop. */
  unready(reason: unknown): void {
    this.#ready?.reject(reason)
    this.#ready = undefined
  }

  /** Takes no more. */
  fail(reason: unknown): void {
    if (this.failure !== undefined) return
    this.#controller?.error(reason)
    this.failWrites(reason)
  }

  /** Takes no more, where the writable knows already. */
  protected failWrites(reason: unknown): void {
    this.failure ??= { reason }
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.written.reject(reason)
    }
    this.unready(reason)
  }
}
