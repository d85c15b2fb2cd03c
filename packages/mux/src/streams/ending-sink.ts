import { DirectSink } from "./direct-sink.ts"

/** The channel that a sink writes to, of bytes or of objects. */
export interface EndingChannel {
  /** What has ended its writing before the user has. */
  readonly writeError: unknown
  /** FIN behind what is queued: whether all before it was handed over. */
  close(): boolean
  /** ABORT behind what is queued. */
  finish(failed: { readonly reason: unknown }): void
  /** ABORT at once. */
  abort(error: unknown): void
}

/** How the underlying sink of a channel's writable comes to its end. */
export abstract class EndingSink<T> extends DirectSink<T> {
  readonly #channel: EndingChannel
  #closing: PromiseWithResolvers<void> | undefined

  constructor(channel: EndingChannel) {
    super()
    this.#channel = channel
  }

  override get isOpen(): boolean {
    return super.isOpen && this.#channel.writeError === undefined
  }

  override start(controller: WritableStreamDefaultController): void {
    void super.start(controller)
    this.advance()
  }

  override write(chunk: T): Promise<void> {
    if (!this.isOpen) {
      throw this.#channel.writeError ?? new TypeError("Cannot write: the channel has ended")
    }
    const written = this.push(chunk)
    if (this.room <= 0) this.watchAbort()
    return written
  }

  async close(): Promise<void> {
    this.isClosing = true
    if (this.failure !== undefined) throw this.failure.reason
    this.watchAbort()
    this.#closing = Promise.withResolvers()
    const { promise } = this.#closing
    this.advance()
    return promise
  }

  override abort(reason: unknown): void {
    this.giveUp(reason)
  }

  /** Ends it behind what was written, with an error. */
  failBehind(reason: unknown): void {
    if (!this.isOpen) return
    this.#channel.finish({ reason })
    this.fail(reason)
  }

  /** There may be room, or an end. */
  override advance(): boolean {
    const { writeError } = this.#channel
    if (writeError !== undefined) this.fail(writeError)
    if (writeError !== undefined || !super.advance()) return false
    if (this.#closing !== undefined && this.#channel.close()) this.#closing.resolve()
    return true
  }

  override fail(reason: unknown): void {
    super.fail(reason)
    this.#closing?.reject(reason)
  }

  protected override giveUp(error: unknown): void {
    this.fail(error)
    this.#channel.abort(error)
  }
}
