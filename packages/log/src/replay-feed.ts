import type { Log, LogEntry } from "./log.ts"
import type { Offset } from "./offset.ts"

/** What a role over a log is told of each record. */
export interface LoggedEvent extends LogEntry {
  /** Whether the record was in the log before the ports were made: its effects may have been seen. */
  readonly isHistory: boolean
}

/** Follows a log until it is told where to end. */
export class ReplayFeed implements UnderlyingDefaultSource<LoggedEvent> {
  readonly #reader: ReadableStreamDefaultReader<LogEntry>
  readonly #tail: Offset
  #controller: ReadableStreamDefaultController<LoggedEvent> | undefined
  #position: number
  #until = Number.POSITIVE_INFINITY
  #failure: { readonly reason: unknown } | undefined

  /** Begins with `from`; what is before `tail` is history. */
  constructor(log: Log, from: Offset, tail: Offset) {
    this.#position = from
    this.#tail = tail
    this.#reader = log.replay({ from, follow: true }).getReader()
  }

  start(controller: ReadableStreamDefaultController<LoggedEvent>): void {
    this.#controller = controller
  }

  async pull(controller: ReadableStreamDefaultController<LoggedEvent>): Promise<void> {
    const isOver = this.#position >= this.#until
    const value = isOver ? undefined : (await this.#reader.read()).value
    if (value !== undefined) {
      this.#position = value.offset + 1
      controller.enqueue({ ...value, isHistory: value.offset < this.#tail })
      return
    }
    if (this.#failure !== undefined) return this.fail(this.#failure.reason)
    controller.close()
    await this.#reader.cancel()
  }

  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason)
  }

  /** Gives the records before an offset that is at most the tail; then closes, or errors. */
  endAt(offset: Offset, failure?: { readonly reason: unknown }): void {
    this.#until = offset
    this.#failure = failure
    // A read that waits at the tail ends with nothing. One that fails has told so itself.
    if (this.#position >= offset) this.#reader.cancel().catch(() => {})
  }

  /** Errors at once. */
  fail(reason: unknown): void {
    this.#controller?.error(reason)
    // The readable has its error: what fails here has nowhere else to be seen.
    this.#reader.cancel(reason).catch(() => {})
  }
}
