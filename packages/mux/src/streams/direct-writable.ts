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
    const closed = super.close()
    // At once: the sink is asked later, when the stream has started.
    if (!this.locked) this.#sink.isClosing = true
    return closed
  }
}

/** The standard's writer. While the sink is open, `write` goes straight to it. */
class DirectWriter<T> extends WritableStreamDefaultWriter<T> {
  readonly #sink: DirectSink<T>
  #isReleased = false

  constructor(writable: DirectWritable<T>, sink: DirectSink<T>) {
    super(writable)
    this.#sink = sink
  }

  get #isDirect(): boolean {
    return !this.#isReleased && this.#sink.isOpen
  }

  /** What is taken at once, in the sink's unit. */
  override get desiredSize(): number | null {
    return this.#isDirect ? this.#sink.room : super.desiredSize
  }

  override get ready(): Promise<void> {
    return this.#isDirect ? this.#sink.ready : super.ready
  }

  override write(chunk: T): Promise<void> {
    return this.#isDirect ? this.#sink.push(chunk) : super.write(chunk)
  }

  override close(): Promise<void> {
    const closed = super.close()
    if (!this.#isReleased) this.#sink.isClosing = true
    return closed
  }

  override releaseLock(): void {
    this.#isReleased = true
    super.releaseLock()
  }
}
