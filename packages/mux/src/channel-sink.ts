import type { ChannelCore } from "./channel-core.ts"
import type { DirectSink } from "./direct-writable.ts"
import { Ring } from "./ring.ts"
import { tooLarge } from "./too-large.ts"
import { wireReasonOf } from "./wire-reason.ts"

/** What a channel's writable takes: an item, or several at once. */
export type ChannelChunk = Uint8Array | readonly Uint8Array[]

interface Waiting {
  readonly items: readonly Uint8Array[]
  /** How many of them have been taken. */
  taken: number
  resolve(): void
  reject(reason: unknown): void
}

const DONE: Promise<void> = Promise.resolve()

/** The underlying sink of a channel's writable: an item is taken while there is credit. */
export class ChannelSink implements DirectSink<ChannelChunk> {
  isClosing = false
  readonly #core: ChannelCore
  readonly #maxItemBytes: () => number
  readonly #waiting = new Ring<Waiting>()
  #controller: WritableStreamDefaultController | undefined
  #closing: PromiseWithResolvers<void> | undefined
  #ready: PromiseWithResolvers<void> | undefined
  #failure: { readonly reason: unknown } | undefined
  #watchesAbort = false

  constructor(core: ChannelCore, maxItemBytes: () => number) {
    this.#core = core
    this.#maxItemBytes = maxItemBytes
  }

  /** Whether it takes items: it has not failed, nor ended. */
  get isOpen(): boolean {
    return !this.isClosing && this.#failure === undefined && this.#core.writeError === undefined
  }

  /** In bytes. */
  get room(): number {
    return this.#waiting.length > 0
      ? Math.min(0, this.#core.outbound.room)
      : this.#core.outbound.room
  }

  get ready(): Promise<void> {
    if (this.room > 0) return DONE
    if (this.#ready === undefined) {
      this.#ready = Promise.withResolvers()
      this.#ready.promise.catch(() => {}) // whoever writes is told
    }
    return this.#ready.promise
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller
    if (this.#failure !== undefined) controller.error(this.#failure.reason)
    this.advance()
  }

  write(chunk: ChannelChunk): Promise<void> | undefined {
    const result = this.push(chunk)
    if (result === DONE) return undefined
    this.#watchAbort()
    return result
  }

  /** Takes an item, or several, now or when there is room. */
  push(chunk: ChannelChunk): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason)
    if (chunk instanceof Uint8Array && chunk.byteLength <= this.#maxItemBytes() && this.room > 0) {
      this.#core.write(chunk)
      return DONE
    }
    try {
      return this.#pushAll(chunk instanceof Uint8Array ? [chunk] : chunk)
    } catch (error) {
      this.#giveUp(error)
      return Promise.reject(error)
    }
  }

  async close(): Promise<void> {
    this.isClosing = true
    if (this.#failure !== undefined) throw this.#failure.reason
    if (this.#core.outbound.isEnded) return undefined
    this.#watchAbort()
    this.#closing = Promise.withResolvers()
    const { promise } = this.#closing
    this.advance()
    return promise
  }

  abort(reason: unknown): void {
    this.#giveUp(reason)
  }

  /** Ends it behind what was written, with an error. */
  failBehind(reason: unknown): void {
    if (!this.isOpen) return
    this.#core.fail(wireReasonOf(reason, "INTERNAL"), reason)
    this.#fail(reason)
  }

  /** There may be room, or an end. */
  advance(): void {
    const { outbound, writeError } = this.#core
    if (writeError !== undefined) return this.#fail(writeError)
    for (let first = this.#waiting.peek(); first !== undefined; first = this.#waiting.peek()) {
      try {
        this.#takeFrom(first)
      } catch (error) {
        return this.#giveUp(error) // whoever wrote it is told
      }
      if (first.taken < first.items.length) return
      this.#waiting.shift()
      first.resolve()
    }
    if (this.#closing !== undefined) {
      this.#core.finish()
      if (outbound.isEnded || (this.#core.isEndHeld && outbound.isEmpty)) this.#closing.resolve()
    }
    if (this.#ready === undefined || outbound.room <= 0) return
    this.#ready.resolve()
    this.#ready = undefined
  }

  #pushAll(items: readonly Uint8Array[]): Promise<void> {
    for (const item of items) {
      if (item instanceof Uint8Array) continue
      throw new TypeError(
        `Cannot write ${typeof item}: a chunk is a Uint8Array, or an array of them`,
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { items, taken: 0, resolve, reject }
    if (this.#waiting.length === 0) this.#takeFrom(waiting)
    if (waiting.taken === items.length) return DONE
    this.#waiting.push(waiting)
    return promise
  }

  #takeFrom(waiting: Waiting): void {
    const { outbound } = this.#core
    while (waiting.taken < waiting.items.length && outbound.room > 0) {
      const item = waiting.items[waiting.taken++]
      if (item === undefined) continue
      const most = this.#maxItemBytes()
      if (item.byteLength > most) throw tooLarge("write a chunk", item.byteLength, most)
      this.#core.write(item)
    }
  }

  #giveUp(error: unknown): void {
    this.#fail(error)
    this.#core.abort(wireReasonOf(error, "INTERNAL"), error)
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { reason }
    this.#controller?.error(reason)
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.reject(reason)
    }
    this.#closing?.reject(reason)
    this.#ready?.reject(reason)
    this.#ready = undefined
  }

  /** A native writable calls `abort` only after the write in flight, which may wait for ever. */
  #watchAbort(): void {
    const signal = this.#controller?.signal
    if (this.#watchesAbort || signal === undefined) return
    this.#watchesAbort = true
    signal.addEventListener("abort", () => this.abort(signal.reason), { once: true })
  }
}
