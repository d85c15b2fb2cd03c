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

  pull(): void {
    if (this.#lateError !== undefined) return this.error(this.#lateError.reason)
    this.#engine.pull(1)
  }

  cancel(reason: unknown): Promise<void> | undefined {
    return this.#engine.cancel(reason)
  }

  chunk(chunk: unknown): void {
    try {
      this.#controller?.enqueue(chunk)
    } catch (reason) {
      this.#sizeFailed(reason)
      return
    }
    // One at a time: only `size` knows how much room a chunk has left.
    if (this.#highWaterMark > 0 && (this.#controller?.desiredSize ?? 0) > 0) this.#engine.pull(1)
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

  /** The caller's strategy threw, or gave no size: the readable has failed with it. */
  #sizeFailed(reason: unknown): void {
    try {
      this.#engine.cancel(reason)?.catch(() => {})
    } catch {
      // What a stage throws here comes second: the reader gets `reason`.
    }
  }
}
