import type { Handover } from "./handover.ts"
import type { Outlet } from "./outlet.ts"
import { TimeSlice } from "./time-slice.ts"

/** The standard's `pipeTo`, drawing straight from an engine into a writable. */
export class EnginePipe implements Outlet {
  /** Settles as the standard's `pipeTo` does. */
  readonly finished: Promise<void>
  readonly #handover: Handover
  readonly #writer: WritableStreamDefaultWriter<unknown>
  readonly #slice = new TimeSlice()
  #lastWrite: Promise<unknown> = Promise.resolve()
  #over = false
  #resolve: () => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(handover: Handover, writable: WritableStream<unknown>) {
    this.#handover = handover
    this.#writer = writable.getWriter()
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    handover.engine.connectOutlet(this)
    this.#writer.closed.then(
      () => this.#destinationEnded(new TypeError("Cannot pipe: the destination has closed")),
      (reason: unknown) => this.#destinationEnded(reason),
    )
    this.#step()
  }

  chunk(chunk: unknown): void {
    this.#lastWrite = this.#writer.write(chunk)
    // A failed write shows as the writer's `closed`, too.
    this.#lastWrite.catch(() => {})
    if (!this.#slice.isOver() && this.#hasRoom()) this.#handover.engine.pull(1)
    else void this.#wait()
  }

  close(): void {
    this.#handover.home.close()
    this.#end(this.#writer.close().then(() => {}))
  }

  error(reason: unknown): void {
    this.#handover.home.abort(reason)
    // An abort drops queued writes: what came before the error is written first.
    const written = this.#lastWrite.catch(() => {})
    this.#end(
      written
        .then(() => this.#writer.abort(reason))
        .then(() => {
          throw reason
        }),
    )
  }

  abort(reason: unknown): void {
    this.error(reason)
  }

  #hasRoom(): boolean {
    return (this.#writer.desiredSize ?? 0) > 0
  }

  #step(): void {
    if (this.#over) return
    if (this.#hasRoom()) this.#handover.engine.pull(1)
    else void this.#wait()
  }

  async #wait(): Promise<void> {
    try {
      if (this.#slice.isOver()) await this.#slice.yield()
      await this.#writer.ready
    } catch {
      return // `closed` has rejected with the same error: #destinationEnded reports it
    }
    this.#step()
  }

  #destinationEnded(reason: unknown): void {
    if (this.#over) return
    this.#end(
      this.#handover.reader.cancel(reason).then(() => {
        throw reason
      }),
    )
  }

  #end(outcome: Promise<void>): void {
    if (this.#over) return
    this.#over = true
    const release = (): void => {
      this.#writer.releaseLock()
      this.#handover.reader.releaseLock()
    }
    outcome.then(
      () => {
        release()
        this.#resolve()
      },
      (reason: unknown) => {
        release()
        this.#reject(reason)
      },
    )
  }
}
