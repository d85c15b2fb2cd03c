import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

/** Feeds an engine from another stream's reader, one read at a time, each on demand. */
export class ReaderInput implements Input {
  readonly #engine: Engine
  readonly #reader: ReadableStreamDefaultReader<unknown>
  #reading = false
  #lateFailure: { readonly reason: unknown } | undefined

  constructor(engine: Engine, readable: ReadableStream<unknown>) {
    this.#engine = engine
    this.#reader = readable.getReader()
    // Close and error must show even when nobody reads; a read in flight tells of them itself.
    this.#reader.closed.then(
      () => {
        if (!this.#reading) this.#engine.end()
      },
      (reason: unknown) => {
        // Some runtimes tell of the error first: the chunk of the read in flight still goes before it.
        if (this.#reading) this.#lateFailure = { reason }
        else this.#engine.failInput(reason)
      },
    )
  }

  pull(): void {
    this.#reading = true
    this.#reader.read().then(this.#onRead, this.#onError)
  }

  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason)
  }

  readonly #onRead = (result: ReadableStreamReadResult<unknown>): void => {
    this.#reading = false
    if (result.done) return this.#engine.end()
    this.#engine.accept(result.value)
    if (this.#lateFailure !== undefined) this.#engine.failInput(this.#lateFailure.reason)
  }

  readonly #onError = (reason: unknown): void => {
    this.#reading = false
    this.#engine.failInput(reason)
  }
}
