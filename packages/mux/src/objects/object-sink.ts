import { DirectSink } from "../direct-sink.ts"
import { wireReasonOf } from "../wire-reason.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"

interface Rest {
  readonly chunk: unknown
}

/** The underlying sink of a channel's writable: a chunk is posted while there is credit. */
export class ObjectSink extends DirectSink<unknown, Rest> {
  readonly #core: ObjectChannelCore
  #closing: PromiseWithResolvers<void> | undefined

  constructor(core: ObjectChannelCore) {
    super()
    this.#core = core
  }

  override get isOpen(): boolean {
    return super.isOpen && this.#core.writeError === undefined
  }

  /** In chunks. */
  protected override get free(): number {
    return this.#core.balance
  }

  override start(controller: WritableStreamDefaultController): void {
    void super.start(controller)
    this.advance()
  }

  override write(chunk: unknown): Promise<void> {
    const written = this.push(chunk)
    if (this.room <= 0) this.watchAbort()
    return written
  }

  override push(chunk: unknown): Promise<void> {
    return this.pushRest({ chunk })
  }

  async close(): Promise<void> {
    this.isClosing = true
    if (this.failure !== undefined) throw this.failure.reason
    if (this.#core.isOutEnded) return undefined
    this.watchAbort()
    this.#closing = Promise.withResolvers()
    const { promise } = this.#closing
    this.advance()
    return promise
  }

  override abort(reason: unknown): void {
    this.giveUp(reason)
  }

  /** Ends it behind what was sent, with an error. */
  failBehind(reason: unknown): void {
    if (!this.isOpen) return
    this.#core.finish(wireReasonOf(reason, "INTERNAL"), reason)
    this.fail(reason)
  }

  /** There may be room, or an end. */
  override advance(): boolean {
    const { writeError, id } = this.#core
    if (writeError !== undefined) this.fail(writeError)
    if (writeError !== undefined || !super.advance()) return false
    if (this.#closing === undefined || id === undefined) return true
    this.#core.finish("fin")
    this.#closing.resolve()
    return true
  }

  override fail(reason: unknown): void {
    super.fail(reason)
    this.#closing?.reject(reason)
  }

  protected override take(rest: Rest): Rest | undefined {
    if (this.#core.balance <= 0) return rest
    this.#core.send(rest.chunk)
    return undefined
  }

  protected override giveUp(error: unknown): void {
    this.fail(error)
    this.#core.abort(wireReasonOf(error, "INTERNAL"), error)
  }
}
