import type { PullSource, SourceController } from "@bellmouth/core"

/** Where a {@link ReadySource} takes from. */
export interface Ready<T> {
  /** Told who will ask. */
  awaitedBy?(reader: { readonly isAwaited: boolean }): void
  /** Enqueues the next chunk; false when none is at hand. */
  give(to: SourceController<T>): boolean
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
    from.awaitedBy?.(this)
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
    let controller = this.#controller
    while (controller !== undefined && controller.desiredSize > 0 && this.#from.give(controller)) {
      controller = this.#controller // whoever was given it may have gone
    }
    if (controller === undefined) return
    const { end } = this.#from
    if (end === undefined) return
    this.#controller = undefined
    if (end.error === undefined) controller.close()
    else controller.error(end.error)
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
