import { isThenable } from "../is-thenable.ts"
import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

/** Feeds an engine from an iterator, synchronous or not, one step for each chunk wanted. */
export class IteratorInput implements Input {
  readonly #engine: Engine
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>
  #isWaiting = false
  #isOver = false

  constructor(engine: Engine, iterator: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#engine = engine
    this.#iterator = iterator
  }

  pull(): void {
    if (this.#isWaiting) return
    try {
      while (this.#engine.hungry) {
        const step = this.#iterator.next()
        if ("then" in step) {
          this.#isWaiting = true
          step.then(this.#onStep, this.#onError)
          return
        }
        if (step.done) return this.#end()
        if (isThenable(step.value)) {
          this.#isWaiting = true
          Promise.resolve(step.value).then(this.#onValue, this.#onError)
          return
        }
        // `next` may itself have ended the stage that this chunk was for.
        if (this.#engine.hungry) this.#engine.feed(step.value)
        else this.#engine.accept(step.value)
      }
    } catch (reason) {
      this.#onError(reason)
    }
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#iterator.return?.(reason)
  }

  readonly #onStep = (step: IteratorResult<unknown>): void => {
    if (step.done) this.#end()
    else this.#onValue(step.value)
  }

  readonly #onValue = (value: unknown): void => {
    this.#isWaiting = false
    this.#engine.accept(value)
  }

  readonly #onError = (reason: unknown): void => {
    this.#isOver = true
    this.#engine.failInput(reason)
  }

  #end(): void {
    this.#isOver = true
    this.#engine.end()
  }
}
