import type { Handover } from "./handover.ts"
import type { Outlet } from "./outlet.ts"

/** Settles a promise of `next`: also with a promise, so that none needs a way to reject. */
type Settle<T> = (
  result: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>,
) => void

/** Async iteration straight off an engine: no native queue and no read request between. */
export class EngineIterator<T> implements AsyncIterator<T, undefined>, Outlet {
  readonly #handover: Handover
  readonly #waiting: Settle<T>[] = []
  #latest: Promise<unknown> | undefined
  /** A `return` that waits for what was asked for before it; what is asked for after it is over. */
  #returned: Promise<IteratorResult<T, undefined>> | undefined
  #result: IteratorYieldResult<T> | undefined
  #isAsking = false
  #failure: { readonly reason: unknown } | undefined
  /** Nothing more is asked for. */
  #finished = false
  /** The engine has ended, or been cancelled. */
  #ended = false

  constructor(handover: Handover) {
    this.#handover = handover
    handover.engine.connectOutlet(this)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#finished) return this.#last()
    if (this.#waiting.length > 0 || this.#isAsking) return this.#wait(false)
    const { engine } = this.#handover
    const { stock } = engine
    // The chain's types were checked where it was built, here and below.
    if (stock !== undefined) return Promise.resolve({ value: stock.shift() as T, done: false })
    this.#isAsking = true
    engine.pull(1)
    this.#isAsking = false
    const result = this.#result
    if (result !== undefined) {
      this.#result = undefined
      return Promise.resolve(result)
    }
    return this.#finished ? this.#last() : this.#wait(true)
  }

  return(value?: unknown): Promise<IteratorResult<T, undefined>> {
    // As in the standard: what was asked for before is answered before.
    const before = this.#returned ?? (this.#waiting.length > 0 ? this.#latest : undefined)
    if (before === undefined) return this.#cancel(value)
    const cancel = (): Promise<IteratorResult<T, undefined>> => this.#cancel(value)
    this.#finished = true
    this.#returned = before.then(cancel, cancel)
    return this.#returned
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  chunk(chunk: unknown): void {
    const result: IteratorYieldResult<T> = { value: chunk as T, done: false }
    // The call that asks now comes before any that a stage makes meanwhile.
    if (this.#isAsking && this.#result === undefined) this.#result = result
    // Most often only one waits, and one runtime takes long to shift.
    else (this.#waiting.length > 1 ? this.#waiting.shift() : this.#waiting.pop())?.(result)
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

  /** For what comes later: in the order of the calls, so the outermost before those made inside it. */
  #wait(isOutermost: boolean): Promise<IteratorResult<T, undefined>> {
    const result = new Promise<IteratorResult<T, undefined>>((settle) => {
      if (isOutermost && this.#waiting.length > 0) this.#waiting.unshift(settle)
      else this.#waiting.push(settle)
    })
    if (!isOutermost || this.#waiting.length === 1) this.#latest = result
    const isBehind = this.#isAsking && this.#result === undefined
    const wanted = this.#waiting.length + (isBehind ? 1 : 0)
    // Most often the call that has just asked waits.
    if (this.#handover.engine.demand < wanted) this.#handover.engine.pull(wanted)
    return result
  }

  async #cancel(value: unknown): Promise<IteratorResult<T, undefined>> {
    this.#finished = true
    if (!this.#ended) {
      this.#ended = true
      const cancelled = this.#handover.reader.cancel(value)
      this.#handover.reader.releaseLock()
      await cancelled
    }
    // An error that nobody has been told yet is what cancelling gives.
    if (this.#failure !== undefined) await this.#takeEnd()
    // The standard's `return` hands its argument back.
    return { value: value as undefined, done: true }
  }

  #finish(): void {
    this.#finished = true
    this.#ended = true
    this.#handover.reader.releaseLock()
    const [first, ...others] = this.#waiting.splice(0)
    if (first === undefined) return
    first(this.#takeEnd())
    for (const settle of others) settle({ value: undefined, done: true })
  }

  /** What is asked for after the end, behind a `return` that waits. */
  #last(): Promise<IteratorResult<T, undefined>> {
    const end = (): Promise<IteratorResult<T, undefined>> => this.#takeEnd()
    return this.#returned === undefined ? end() : this.#returned.then(end, end)
  }

  /** The error, once; then done for ever. */
  #takeEnd(): Promise<IteratorResult<T, undefined>> {
    const failure = this.#failure
    this.#failure = undefined
    return failure === undefined
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(failure.reason)
  }
}
