import type { DirectSink } from "./direct-sink.ts"

/** A real `WritableStream` whose writers reach the sink without a queue and a promise for each chunk. */
export class DirectWritable<T> extends WritableStream<T> {
  readonly #sink: DirectSink<T>

  constructor(sink: DirectSink<T>) {
    super(sink)
    this.#sink = sink
  }

  override getWriter(): WritableStreamDefaultWriter<T> {
    return new DirectWriter(this, this.#sink)
  }

  override close(): Promise<void> {
    // At once: the sink is asked later, when the stream has started.
    if (!this.locked) this.#sink.shut()
    return super.close()
  }
}

/** The standard's writer. While the sink is open, `write` goes straight to it. */
class DirectWriter<T> extends WritableStreamDefaultWriter<T> {
  /** Undefined once it was released, or has aborted. */
  #sink: DirectSink<T> | undefined

  constructor(writable: DirectWritable<T>, sink: DirectSink<T>) {
    super(writable)
    this.#sink = sink
  }

  get #direct(): DirectSink<T> | undefined {
    return this.#sink?.isOpen ? this.#sink : undefined
  }

  /** What is taken at once, in the sink's unit. */
  override get desiredSize(): number | null {
    return this.#direct?.room ?? super.desiredSize
  }

  override get ready(): Promise<void> {
    return this.#direct?.ready ?? super.ready
  }

  override write(chunk: T): Promise<void> {
    return this.#direct?.push(chunk) ?? super.write(chunk)
  }

  override close(): Promise<void> {
    this.#sink?.shut()
    return super.close()
  }

  override abort(reason?: unknown): Promise<void> {
    this.#sink = undefined // it may be told later
    return super.abort(reason)
  }

  override releaseLock(): void {
    this.#direct?.unready(new TypeError("The writer was released"))
    this.#sink = undefined
    super.releaseLock()
  }
}
