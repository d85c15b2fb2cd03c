import { isThenable } from "../is-thenable.ts"
import { SizedQueue } from "../sized-queue.ts"
import type { BatchedSink, BatchedWritableOptions } from "./batched-sink.ts"

interface WaitingChunk<T> {
  readonly chunk: T
  readonly size: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** The underlying sink of a `BatchedWritable`: takes chunks in, hands batches over. */
export class Batcher<T> implements UnderlyingSink<T> {
  readonly #limits: Required<BatchedWritableOptions<T>>
  readonly #gathered = new SizedQueue<T>()
  #sink: BatchedSink<T>
  #controller: WritableStreamDefaultController | undefined
  #inFlight: Promise<void> | undefined
  #waiting: WaitingChunk<T> | undefined
  #corks = 0
  #isClosing = false
  #abortion: { readonly reason: unknown } | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(sink: BatchedSink<T>, limits: Required<BatchedWritableOptions<T>>) {
    this.#sink = sink
    this.#limits = limits
  }

  start(controller: WritableStreamDefaultController): void | PromiseLike<void> {
    this.#controller = controller
    // A native writable calls `abort` only once the chunk that waits for room is settled.
    const onAbort = (): void => this.#onAbort(controller.signal.reason)
    controller.signal?.addEventListener("abort", onAbort, { once: true })
    return this.#sink.start?.(controller)
  }

  write(chunk: T): Promise<void> | undefined {
    const size = this.#limits.size(chunk)
    if (!(size >= 0)) throw new RangeError(`Cannot batch: size is ${size}, not a number from 0 on`)
    if (!this.#fits(size)) {
      const waits = new Promise<void>((resolve, reject) => {
        this.#waiting = { chunk, size, resolve, reject }
      })
      this.#handOver()
      return waits
    }
    this.#gathered.push(chunk, size)
    this.#handOver()
    if (this.#failure !== undefined) throw this.#failure.reason
    return undefined
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#handOver()
    while (this.#inFlight !== undefined) await this.#inFlight
    if (this.#failure !== undefined) throw this.#failure.reason
    if (this.#abortion !== undefined) {
      // What was dropped must not be committed; and a writable that closes calls no `abort`.
      await this.abort(this.#abortion.reason)
      throw this.#abortion.reason
    }
    const sink = this.#sink
    this.#sink = { writev() {} }
    await sink.close?.()
  }

  async abort(reason: unknown): Promise<void> {
    this.#drop(reason)
    const sink = this.#sink
    this.#sink = { writev() {} }
    // Its own error has been recorded; the writable has ended with `reason` by now.
    await this.#inFlight
    await sink.abort?.(reason)
  }

  cork(): void {
    this.#corks++
  }

  uncork(): void {
    if (this.#corks > 0) this.#corks--
    this.#handOver()
  }

  #fits(size: number): boolean {
    const { maxBatchChunks, maxBatchBytes } = this.#limits
    if (this.#waiting !== undefined) return false
    if (this.#gathered.length === 0) return true
    return this.#gathered.length < maxBatchChunks && this.#gathered.total + size <= maxBatchBytes
  }

  get #isFull(): boolean {
    return !this.#fits(0) || this.#gathered.total >= this.#limits.maxBatchBytes
  }

  /** Hands over what is gathered, unless a write is in flight or a cork holds it. */
  #handOver(): void {
    const isHeld = this.#corks > 0 && !this.#isFull && !this.#isClosing
    if (this.#inFlight !== undefined || this.#gathered.length === 0 || isHeld) return
    const written = this.#writeBatch(this.#gathered.drain())
    if (written !== undefined) {
      this.#inFlight = written.then(
        () => this.#landed(),
        (reason: unknown) => {
          this.#inFlight = undefined
          this.#fail(reason)
        },
      )
    }
    this.#admit()
  }

  #writeBatch(batch: readonly T[]): Promise<void> | undefined {
    try {
      const result = this.#call(batch)
      return isThenable(result) ? Promise.resolve(result).then(() => {}) : undefined
    } catch (reason) {
      this.#fail(reason)
      return undefined
    }
  }

  #call(batch: readonly T[]): void | PromiseLike<void> {
    if (batch.length === 1 && this.#sink.write !== undefined) {
      for (const only of batch) return this.#sink.write(only)
    }
    return this.#sink.writev(batch)
  }

  #landed(): void {
    this.#inFlight = undefined
    this.#handOver()
  }

  /** Lets the chunk that waits for room into the batch that gathers now. */
  #admit(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    this.#gathered.push(waiting.chunk, waiting.size)
    waiting.resolve()
    this.#handOver()
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#sink = { writev() {} }
    this.#controller?.error(reason)
    this.#drop(reason)
  }

  #onAbort(reason: unknown): void {
    this.#abortion = { reason }
    this.#drop(reason)
  }

  #drop(reason: unknown): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#gathered.clear()
    waiting?.reject(reason)
  }
}
