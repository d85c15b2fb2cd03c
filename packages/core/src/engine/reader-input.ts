import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

/** Feeds an engine from another stream's reader, one read at a time, each on demand. */
export class ReaderInput implements Input {
  readonly #engine: Engine
  readonly #reader: ReadableStreamDefaultReader<unknown>
  #isReading = false
  /** How the source ended, when that was told while its last chunk was still on its way. */
  #lateEnd: (() => void) | undefined

  constructor(engine: Engine, readable: ReadableStream<unknown>) {
    this.#engine = engine
    this.#reader = readable.getReader()
    // Close and error must show even when nobody reads.
    this.#reader.closed.then(
      () => this.#onEnd(() => engine.end()),
      (reason: unknown) => this.#onEnd(() => engine.failInput(reason)),
    )
  }

  pull(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.#reader.read().then(this.#onRead, this.#onError)
  }

  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason)
  }

  readonly #onRead = (result: ReadableStreamReadResult<unknown>): void => {
    this.#isReading = false
    if (result.done) return this.#engine.end()
    this.#engine.accept(result.value)
    this.#lateEnd?.()
  }

  readonly #onError = (reason: unknown): void => {
    this.#isReading = false
    this.#engine.failInput(reason)
  }

  #onEnd(end: () => void): void {
    if (this.#isReading) this.#lateEnd = end
    else end()
  }
}
