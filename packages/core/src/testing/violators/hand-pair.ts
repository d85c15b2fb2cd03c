/** What a hand-written stage is given to make output with. */
export interface HandController<O> {
  enqueue(chunk: O): void
  terminate(): void
}

/** A hand-written stage: the part of a transformer that the violators need. */
export interface HandTransformer<I, O> {
  transform(chunk: I, controller: HandController<O>): void
  flush?(controller: HandController<O>): void
  cancel?(reason: unknown): void
}

type End = { readonly type: "close" } | { readonly type: "error"; readonly reason: unknown }

/**
 * A small transform that upholds every law, written as plainly as can be: one input at a time, and
 * its outputs are given out one for each pull. Each violator overrides the one method that breaks
 * its law, so that nothing else is broken with it.
 */
export class HandPair<I, O> implements ReadableWritablePair<O, I> {
  readonly readable: ReadableStream<O>
  readonly writable: WritableStream<I>
  protected readonly queue: O[] = []
  protected wanted = false
  protected end: End | undefined
  protected readableController: ReadableStreamDefaultController<O> | undefined
  protected writableController: WritableStreamDefaultController | undefined
  protected transformer: HandTransformer<I, O> | undefined
  #wake: (() => void) | undefined
  readonly #output: HandController<O> = {
    enqueue: (chunk) => {
      if (this.end === undefined) this.queue.push(chunk)
    },
    terminate: () => this.terminated(),
  }

  constructor(transformer: HandTransformer<I, O>) {
    this.transformer = transformer
    this.readable = this.makeReadable(
      {
        start: (controller) => {
          this.readableController = controller
        },
        pull: () => this.pulled(),
        cancel: (reason) => this.cancelled(reason),
      },
      { highWaterMark: 0 },
    )
    this.writable = new WritableStream<I>({
      start: (controller) => {
        this.writableController = controller
        controller.signal.addEventListener("abort", () => this.wake(), { once: true })
      },
      write: (chunk) => this.write(chunk),
      close: () => this.close(),
      abort: (reason) => this.aborted(reason),
    })
  }

  protected makeReadable(
    source: UnderlyingDefaultSource<O>,
    strategy: QueuingStrategy<O>,
  ): ReadableStream<O> {
    return new ReadableStream<O>(source, strategy)
  }

  protected pulled(): void {
    this.wanted = true
    this.deliver()
    if (this.wanted) this.wake()
  }

  protected async write(chunk: I): Promise<void> {
    while (this.mustWait()) await this.waitForPull()
    if (this.writableController?.signal.aborted) throw this.writableController.signal.reason
    this.transform(chunk)
    this.deliver()
  }

  protected mustWait(): boolean {
    if (this.end !== undefined || this.writableController?.signal.aborted) return false
    return !this.wanted || this.queue.length > 0
  }

  protected waitForPull(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  protected wake(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  protected transform(chunk: I): void {
    try {
      this.transformer?.transform(chunk, this.#output)
    } catch (reason) {
      this.failed(reason)
      throw reason
    }
  }

  protected close(): void | Promise<void> {
    this.transformer?.flush?.(this.#output)
    this.ended({ type: "close" })
  }

  protected ended(end: End): void {
    this.end ??= end
    this.transformer = undefined
    this.deliver()
  }

  /** Gives out one chunk for a pull; the end follows once nothing is queued. */
  protected deliver(): void {
    if (this.wanted) {
      for (const chunk of this.queue.splice(0, 1)) {
        this.wanted = false
        this.readableController?.enqueue(chunk)
      }
    }
    if (this.end === undefined || this.queue.length > 0) return
    if (this.end.type === "close") this.closeReadable()
    else this.readableController?.error(this.end.reason)
  }

  protected closeReadable(): void {
    const controller = this.readableController
    this.readableController = undefined
    controller?.close()
  }

  protected terminated(): void {
    this.writableController?.error(new TypeError("Cannot write: the stage has ended"))
    this.end ??= { type: "close" }
  }

  protected failed(reason: unknown): void {
    this.letGo(reason)
    this.ended({ type: "error", reason })
  }

  protected aborted(reason: unknown): void {
    this.queue.length = 0
    this.letGo(reason)
    this.ended({ type: "error", reason })
  }

  protected cancelled(reason: unknown): void {
    this.queue.length = 0
    this.readableController = undefined
    this.letGo(reason)
    this.end ??= { type: "error", reason }
    this.writableController?.error(reason)
    this.wake()
  }

  protected letGo(reason: unknown): void {
    const transformer = this.transformer
    this.transformer = undefined
    transformer?.cancel?.(reason)
  }
}
