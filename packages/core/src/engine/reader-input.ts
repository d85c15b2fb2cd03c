import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

/** Feeds an engine from another stream's reader, one read at a time, each on demand. */
export class ReaderInput implements Input {
  readonly #engine: Engine
  readonly #reader: ReadableStreamDefaultReader<unknown>
  #isReading = false
  #isOver = false
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

  cancel(reason: unknown): Promise<void> | undefined {
    // The lock went back when it ended; what it gave may not be used up.
    if (this.#isOver) return undefined
    const cancelled = this.#reader.cancel(reason)
    this.#reader.releaseLock()
    return cancelled
  }

  readonly #onRead = (result: ReadableStreamReadResult<unknown>): void => {
    this.#isReading = false
    if (result.done) return this.#finish(() => this.#engine.end())
    this.#engine.accept(result.value)
    if (this.#lateEnd !== undefined) this.#finish(this.#lateEnd)
  }

  readonly #onError = (reason: unknown): void => {
    this.#isReading = false
    this.#finish(() => this.#engine.failInput(reason))
  }

  #onEnd(end: () => void): void {
    if (this.#isReading) this.#lateEnd = end
    else this.#finish(end)
  }

  /** A pipe that is over gives the lock back. */
  #finish(end: () => void): void {
    this.#isOver = true
    end()
    this.#reader.releaseLock()
  }
}
