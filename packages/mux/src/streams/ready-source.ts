import type { PullSource, SourceController } from "@bellmouth/core"

/** Where a {@link ReadySource} takes from. */
export interface Ready<T> {
  /** The next chunk; undefined when none is at hand. */
  take(): T | undefined
  /** How it has ended, with an error or without; undefined while something may come, or is at hand. */
  readonly end: { readonly error: unknown } | undefined
  /** The reader has gone. */
  cancel(reason: unknown): void
}

/** An underlying source that gives what is at hand as it is asked for, and the end behind that. */
export class ReadySource<T> implements PullSource<T> {
  readonly #from: Ready<T>
  /** Undefined once it has ended. */
  #controller: SourceController<T> | undefined

  constructor(from: Ready<T>) {
    this.#from = from
  }

  /** Whether the reader waits. */
  get isAwaited(): boolean {
    return this.#controller !== undefined && this.#controller.desiredSize > 0
  }

  start(controller: SourceController<T>): void {
    this.#controller = controller
    this.pull()
  }

  /** Chunks are asked for, or they or the end may be there. */
  pull(): void {
    while (this.isAwaited) {
      const chunk = this.#from.take()
      if (chunk === undefined) break
      this.#controller?.enqueue(chunk)
    }
    const { end } = this.#from
    if (end?.error !== undefined) return this.fail(end.error)
    if (end === undefined) return
    this.#controller?.close()
    this.#controller = undefined
  }

  cancel(reason: unknown): void {
    this.#controller = undefined
    this.#from.cancel(reason)
  }

  /** Fails it on this side's own account. */
  fail(reason: unknown): void {
    const controller = this.#controller
    this.#controller = undefined
    controller?.error(reason)
  }
}
