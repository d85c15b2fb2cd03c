import type { Handover } from "./handover.ts"
import type { Outlet } from "./outlet.ts"

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(reason: unknown): void
}

/** Async iteration straight off an engine: no native queue and no read request between. */
export class EngineIterator<T> implements AsyncIterator<T, undefined>, Outlet {
  readonly #handover: Handover
  readonly #waiting: Waiting<T>[] = []
  #latest: Promise<unknown> | undefined
  #result: IteratorYieldResult<T> | undefined
  #isAsking = false
  #failure: { readonly reason: unknown } | undefined
  #finished = false

  constructor(handover: Handover) {
    this.#handover = handover
    handover.engine.connectOutlet(this)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#finished) return this.#last()
    if (this.#waiting.length === 0 && !this.#isAsking) {
      this.#isAsking = true
      this.#handover.engine.pull(1)
      this.#isAsking = false
      const result = this.#result
      if (result !== undefined) {
        this.#result = undefined
        return Promise.resolve(result)
      }
      if (this.#finished) return this.#last()
    }
    const result = new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
    this.#latest = result
    const isBehind = this.#isAsking && this.#result === undefined
    this.#handover.engine.pull(this.#waiting.length + (isBehind ? 1 : 0))
    return result
  }

  return(value?: unknown): Promise<IteratorResult<T, undefined>> {
    // As in the standard: what was asked for before is answered before.
    if (this.#waiting.length === 0) return this.#cancel(value)
    const cancel = (): Promise<IteratorResult<T, undefined>> => this.#cancel(value)
    return (this.#latest ?? Promise.resolve()).then(cancel, cancel)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  chunk(chunk: unknown): void {
    // The chain's types were checked where it was built.
    const result: IteratorYieldResult<T> = { value: chunk as T, done: false }
    // The call that asks now comes before any that a stage makes meanwhile.
    if (this.#isAsking && this.#result === undefined) this.#result = result
    else this.#waiting.shift()?.resolve(result)
  }

  close(): void {
    this.#handover.home.close()
    this.#finish()
  }

  error(reason: unknown): void {
    this.#handover.home.abort(reason)
    this.#failure = { reason }
    this.#finish()
  }

  abort(reason: unknown): void {
    this.error(reason)
  }

  async #cancel(value: unknown): Promise<IteratorResult<T, undefined>> {
    if (!this.#finished) {
      this.#finished = true
      const cancelled = this.#handover.reader.cancel(value)
      this.#handover.reader.releaseLock()
      await cancelled
    }
    // The standard's `return` hands its argument back.
    return { value: value as undefined, done: true }
  }

  #finish(): void {
    this.#finished = true
    this.#handover.reader.releaseLock()
    const [first, ...others] = this.#waiting.splice(0)
    if (first === undefined) return
    this.#last().then(first.resolve, first.reject)
    for (const waiting of others) waiting.resolve({ value: undefined, done: true })
  }

  /** The error, once; then done for ever. */
  #last(): Promise<IteratorResult<T, undefined>> {
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(failure.reason)
  }
}
