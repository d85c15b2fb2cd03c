import type { Engine } from "./engine.ts"
import type { Outlet } from "./outlet.ts"

/** Drives an engine from a native `ReadableStream`, whose underlying source it is. */
export class ReadableOutlet implements Outlet, UnderlyingDefaultSource<unknown> {
  readonly #engine: Engine
  readonly #highWaterMark: number
  #controller: ReadableStreamDefaultController<unknown> | undefined
  #lateError: { readonly reason: unknown } | undefined

  constructor(engine: Engine, highWaterMark: number) {
    this.#engine = engine
    this.#highWaterMark = highWaterMark
  }

  start(controller: ReadableStreamDefaultController<unknown>): void {
    this.#controller = controller
  }

  pull(controller: ReadableStreamDefaultController<unknown>): void {
    if (this.#lateError !== undefined) return this.error(this.#lateError.reason)
    const room = controller.desiredSize ?? 0
    this.#engine.pull(room > 1 ? room : 1)
  }

  cancel(reason: unknown): Promise<void> | undefined {
    return this.#engine.cancel(reason)
  }

  chunk(chunk: unknown): void {
    try {
      this.#controller?.enqueue(chunk)
    } catch (reason) {
      // Only a `size` function of the caller's strategy throws here; the readable has failed with it.
      this.#engine.cancel(reason)?.catch(() => {})
    }
  }

  close(): void {
    this.#controller?.close()
  }

  error(reason: unknown): void {
    // A native error drops what is queued: with a queue of its own, wait until that was read.
    const isEmpty = this.#controller?.desiredSize === this.#highWaterMark
    if (isEmpty) this.abort(reason)
    else this.#lateError = { reason }
  }

  abort(reason: unknown): void {
    this.#controller?.error(reason)
  }
}
