import type { ChannelCore } from "./channel-core.ts"
import { checkUint8Array } from "./check-uint8-array.ts"
import { DirectSink, DONE } from "./direct-sink.ts"
import { wireReasonOf } from "./wire-reason.ts"

/** What a channel's writable takes: an item, or several at once. */
export type ChannelChunk = Uint8Array | readonly Uint8Array[]

interface Rest {
  readonly chunk: ChannelChunk
  /** How many of its items have been taken; -1 before all have been checked. */
  taken: number
}

/** The underlying sink of a channel's writable: an item is taken while there is credit. */
export class ChannelSink extends DirectSink<ChannelChunk, Rest> {
  readonly #core: ChannelCore
  #closing: PromiseWithResolvers<void> | undefined

  constructor(core: ChannelCore) {
    super()
    this.#core = core
  }

  override get isOpen(): boolean {
    return !this.isClosing && this.failure === undefined && this.#core.writeError === undefined
  }

  /** In bytes. */
  protected override get free(): number {
    return this.#core.outbound.room
  }

  override start(controller: WritableStreamDefaultController): void {
    void super.start(controller)
    this.advance()
  }

  override write(chunk: ChannelChunk): Promise<void> {
    const written = this.push(chunk)
    if (this.room <= 0) this.watchAbort()
    return written
  }

  override push(chunk: ChannelChunk): Promise<void> {
    const isReady = this.failure === undefined && this.room > 0 && chunk instanceof Uint8Array
    if (!isReady || chunk.byteLength > this.#core.mostSentBytes) {
      return this.pushRest({ chunk, taken: -1 })
    }
    this.#core.write(chunk)
    return DONE
  }

  async close(): Promise<void> {
    this.isClosing = true
    if (this.failure !== undefined) throw this.failure.reason
    if (this.#core.outbound.isEnded) return undefined
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
    this.#core.fail(wireReasonOf(reason, "INTERNAL"), reason)
    this.fail(reason)
  }

  /** There may be room, or an end. */
  override advance(): boolean {
    const { outbound, writeError } = this.#core
    if (writeError !== undefined) this.fail(writeError)
    if (writeError !== undefined || !super.advance()) return false
    if (this.#closing === undefined) return true
    this.#core.finish()
    if (outbound.isEnded || (this.#core.isEndHeld && outbound.isEmpty)) this.#closing.resolve()
    return true
  }

  override fail(reason: unknown): void {
    super.fail(reason)
    this.#closing?.reject(reason)
  }

  protected override take(rest: Rest): Rest | undefined {
    const { outbound } = this.#core
    const items = rest.chunk instanceof Uint8Array ? [rest.chunk] : rest.chunk
    if (rest.taken < 0) {
      for (const item of items) checkUint8Array("write", item)
      rest.taken = 0
    }
    while (outbound.room > 0) {
      const item = items[rest.taken]
      if (item === undefined) break
      this.#core.checkSize("write a chunk", item)
      rest.taken++
      this.#core.write(item)
    }
    return rest.taken < items.length ? rest : undefined
  }

  protected override giveUp(error: unknown): void {
    this.fail(error)
    this.#core.abort(wireReasonOf(error, "INTERNAL"), error)
  }
}
