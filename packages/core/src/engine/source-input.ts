import { isThenable } from "../is-thenable.ts"
import type { Engine } from "./engine.ts"
import type { Input } from "./input.ts"

/** What a pull source's callbacks are handed: the standard's controller, over an engine. */
export interface SourceController<T> {
  /** How many chunks are wanted now; 0 when none is. */
  readonly desiredSize: number
  /** Gives one chunk. Beyond `desiredSize` it is kept until it is wanted. Ignored after the end. */
  enqueue(chunk: T): void
  /** Ends the stream after what was enqueued. */
  close(): void
  /** Fails the stream with `reason` after what was enqueued. */
  error(reason: unknown): void
}

/** A source in the shape of the standard's underlying source. */
export interface PullSource<T> {
  /** Called once, at once. */
  start?(controller: SourceController<T>): void | PromiseLike<void>
  /** Called when chunks are wanted; not again before it is done. Returning a promise delays that. */
  pull?(controller: SourceController<T>): void | PromiseLike<void>
  /** Called when the consumer gives up, with its reason. */
  cancel?(reason: unknown): void | PromiseLike<void>
}

/** Feeds an engine from a pull source. */
export class SourceInput<T> implements Input, SourceController<T> {
  readonly #engine: Engine
  #source: PullSource<T> | undefined
  #isBusy = false
  #isWanted = false
  #given = 0

  constructor(engine: Engine, source: PullSource<T>) {
    this.#engine = engine
    this.#source = source
    this.#call(source.start?.(this))
  }

  get desiredSize(): number {
    return this.#engine.hungry ? this.#engine.demand : 0
  }

  enqueue(chunk: T): void {
    if (this.#source === undefined) return
    this.#given++
    this.#engine.accept(chunk)
  }

  close(): void {
    this.#source = undefined
    this.#engine.end()
  }

  error(reason: unknown): void {
    this.#source = undefined
    this.#engine.failInput(reason)
  }

  pull(): void {
    if (this.#isBusy) {
      this.#isWanted = true
      return
    }
    try {
      while (this.#engine.hungry && !this.#isBusy) {
        const before = this.#given
        this.#call(this.#source?.pull?.(this))
        if (this.#given === before) return // it will enqueue later, or has ended
      }
    } catch (reason) {
      this.error(reason)
    }
  }

  async cancel(reason: unknown): Promise<void> {
    const source = this.#source
    this.#source = undefined
    await source?.cancel?.(reason)
  }

  #call(result: void | PromiseLike<void>): void {
    if (result === undefined || !isThenable(result)) return
    this.#isBusy = true
    result.then(
      () => {
        this.#isBusy = false
        if (!this.#isWanted) return
        this.#isWanted = false
        this.pull()
      },
      (reason: unknown) => this.error(reason),
    )
  }
}
