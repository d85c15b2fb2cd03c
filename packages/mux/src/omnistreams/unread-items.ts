import type { PullSource, SourceController } from "@bellmouth/core"
import { Ring } from "../streams/ring.ts"

/** What the items of a queue are told to. */
export interface UnreadItemsHost<T> {
  /** An item has left the queue: it was read, or dropped as the reader has gone. */
  left(item: T, isRead: boolean): void
  /** The reader waits for more than there is. */
  wanted(): void
  /** The reader has gone; what waited has left before. */
  cancelled(): void
}

/** The underlying source of a readable over a queue that others fill: an end comes behind it. */
export class UnreadItems<T> implements PullSource<T> {
  readonly #host: UnreadItemsHost<T>
  readonly #items = new Ring<T>()
  #controller: SourceController<T> | undefined
  #end: { readonly error: unknown } | undefined

  constructor(host: UnreadItemsHost<T>) {
    this.#host = host
  }

  get length(): number {
    return this.#items.length
  }

  /** Whether items are of no more use. */
  get isOver(): boolean {
    return this.#controller === undefined || this.#end !== undefined
  }

  start(controller: SourceController<T>): void {
    this.#controller = controller
  }

  pull(): void {
    this.#advance()
    if (this.#items.length === 0 && !this.isOver) this.#host.wanted()
  }

  cancel(): void {
    this.#controller = undefined
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      this.#host.left(item, false)
    }
    if (this.#end === undefined) this.#host.cancelled()
  }

  push(item: T): void {
    this.#items.push(item)
    this.#advance()
  }

  /** Ends behind what waits: with an error, or without one. */
  end(error: unknown): void {
    this.#end ??= { error }
    this.#advance()
  }

  #advance(): void {
    const controller = this.#controller
    if (controller === undefined) return
    while (controller.desiredSize > 0) {
      const item = this.#items.shift()
      if (item === undefined) break
      controller.enqueue(item)
      this.#host.left(item, true)
    }
    if (this.#end === undefined || this.#items.length > 0) return
    this.#controller = undefined
    if (this.#end.error === undefined) controller.close()
    else controller.error(this.#end.error)
  }
}
