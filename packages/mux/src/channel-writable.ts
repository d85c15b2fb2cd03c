import type { ChannelChunk, ChannelSink } from "./channel-sink.ts"

/** A real `WritableStream` whose writers reach the channel without a queue and a promise for each chunk. */
export class ChannelWritable extends WritableStream<ChannelChunk> {
  readonly #sink: ChannelSink

  constructor(sink: ChannelSink) {
    super(sink)
    this.#sink = sink
  }

  override getWriter(): WritableStreamDefaultWriter<ChannelChunk> {
    return new ChannelWriter(this, this.#sink)
  }
}

/** The standard's writer. While the channel is open, `write` goes straight to it. */
class ChannelWriter extends WritableStreamDefaultWriter<ChannelChunk> {
  readonly #sink: ChannelSink
  #isReleased = false

  constructor(writable: ChannelWritable, sink: ChannelSink) {
    super(writable)
    this.#sink = sink
  }

  get #isDirect(): boolean {
    return !this.#isReleased && this.#sink.isOpen
  }

  /** Bytes that are taken at once. */
  override get desiredSize(): number | null {
    return this.#isDirect ? this.#sink.room : super.desiredSize
  }

  override get ready(): Promise<void> {
    return this.#isDirect ? this.#sink.ready : super.ready
  }

  override write(chunk: ChannelChunk): Promise<void> {
    return this.#isDirect ? this.#sink.push(chunk) : super.write(chunk)
  }

  override close(): Promise<void> {
    const closed = super.close()
    // At once: the sink is asked later, when the stream has started.
    if (!this.#isReleased) this.#sink.isClosing = true
    return closed
  }

  override releaseLock(): void {
    this.#isReleased = true
    super.releaseLock()
  }
}
