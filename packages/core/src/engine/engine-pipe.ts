import type { Handover } from "./handover.ts"
import type { Outlet } from "./outlet.ts"
import { TimeSlice } from "./time-slice.ts"

/** The standard's `pipeTo`, drawing straight from an engine into a writable. */
export class EnginePipe implements Outlet {
  /** Settles as the standard's `pipeTo` does. */
  readonly finished: Promise<void>
  readonly #handover: Handover
  readonly #writer: WritableStreamDefaultWriter<unknown>
  readonly #options: StreamPipeOptions
  readonly #slice = new TimeSlice()
  #lastWrite: Promise<unknown> = Promise.resolve()
  #over = false
  #resolve: () => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor(
    handover: Handover,
    writable: WritableStream<unknown>,
    options: StreamPipeOptions = {},
  ) {
    this.#handover = handover
    this.#options = options
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
    const { signal } = options
    signal?.addEventListener("abort", this.#onAbort, { once: true })
    if (signal?.aborted) this.#onAbort()
    this.#step()
  }

  chunk(chunk: unknown): void {
    const write = this.#writer.write(chunk)
    // A sink that takes chunks at once may answer all of them with one promise.
    if (write !== this.#lastWrite) write.catch(this.#onRefused)
    this.#lastWrite = write
    if (!this.#slice.isOver() && this.#hasRoom()) this.#handover.engine.pull(1)
    else void this.#wait()
  }

  close(): void {
    this.#handover.home.close()
    this.#end(() => (this.#options.preventClose ? this.#written() : this.#writer.close()))
  }

  error(reason: unknown): void {
    this.#handover.home.abort(reason)
    // An abort drops queued writes: what came before the error is written first.
    this.#fail(reason, async () => {
      await this.#written()
      if (!this.#options.preventAbort) await this.#writer.abort(reason)
    })
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

  /** A failed sink shows as the writer's `closed`; one that is still closing only refuses writes. */
  readonly #onRefused = (reason: unknown): void => {
    if (!this.#over && this.#writer.desiredSize !== null) this.#destinationEnded(reason)
  }

  #destinationEnded(reason: unknown): void {
    this.#fail(reason, () => this.#cancel(reason))
  }

  /** Both ends at once, as the standard says; an idle source must not hold it up. */
  readonly #onAbort = (): void => {
    const reason: unknown = this.#options.signal?.reason
    this.#fail(reason, () => {
      const ends = [this.#cancel(reason)]
      if (!this.#options.preventAbort) ends.push(this.#writer.abort(reason))
      return Promise.all(ends)
    })
  }

  async #cancel(reason: unknown): Promise<void> {
    if (!this.#options.preventCancel) return this.#handover.reader.cancel(reason)
    // What was asked for and has not come is for who reads on.
    this.#handover.engine.connectOutlet(this.#handover.home)
  }

  /** When every write so far has ended, well or not; a failed one shows as the writer's `closed`. */
  #written(): Promise<unknown> {
    return this.#lastWrite.catch(() => {})
  }

  /** Ends with `reason`, or with what `action` rejects with. */
  #fail(reason: unknown, action: () => Promise<unknown>): void {
    this.#end(async () => {
      await action()
      throw reason
    })
  }

  /** Over before `action` runs: a callback that it calls may try to end the pipe again. */
  #end(action: () => Promise<unknown>): void {
    if (this.#over) return
    this.#over = true
    this.#options.signal?.removeEventListener("abort", this.#onAbort)
    const release = (): void => {
      this.#writer.releaseLock()
      this.#handover.reader.releaseLock()
    }
    action().then(
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
