import type { SourceController } from "@bellmouth/core"
import { type ChannelUser, NOBODY } from "../channel/channel-user.ts"
import { Ring } from "../streams/ring.ts"
import { MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { MuxErrorCode } from "../wire/wire-codes.ts"
import { type WireReason, wireReasonOf } from "../wire/wire-reason.ts"
import type { ObjectFrame } from "./object-frame.ts"
import { Transferred } from "./transfer.ts"

/** What a channel needs of its session. */
export interface ObjectChannelHost {
  post(frame: ObjectFrame, list?: readonly object[]): void
  /** Both directions have ended. */
  over(channel: ObjectChannelCore): void
}

/** One channel: two directions and the rules between them; no streams. */
export class ObjectChannelCore {
  readonly isOurs: boolean
  readonly metadata: unknown
  readonly windowItems: number
  /** One chunk, which came with OPEN, and one reply. */
  readonly isRequest: boolean
  /** As this side's frames name it; undefined before its OPEN was posted. */
  id: number | undefined
  user: ChannelUser = NOBODY
  /** Chunks that may be sent. */
  balance = 0
  isInEnded = false
  isOutEnded = false
  isOver = false
  /** What the reader is told behind what is queued. */
  readError: unknown
  /** What has ended its writing before the user has. */
  writeError: unknown
  /** The first thing that ended a direction early. */
  failure: unknown
  readonly #host: ObjectChannelHost
  readonly #queue = new Ring<{ readonly chunk: unknown }>()
  /** Chunks that the peer may still send. */
  #allowed: number
  #taken = 0
  /** Chunks sent that no credit has answered yet. */
  #unanswered = 0
  #holds = 0
  #abort: WireReason | undefined
  #cancel: WireReason | undefined
  #isCancelSent = false
  #end: WireReason | "fin" | undefined

  constructor(
    host: ObjectChannelHost,
    isOurs: boolean,
    metadata: unknown,
    windowItems: number,
    isRequest: boolean,
  ) {
    this.isRequest = isRequest
    this.#host = host
    this.isOurs = isOurs
    this.metadata = metadata
    this.windowItems = windowItems
    this.#allowed = windowItems
  }

  give(to: SourceController<unknown>): boolean {
    const next = this.take()
    if (next !== undefined) to.enqueue(next.chunk)
    return next !== undefined
  }

  /** How the reading ends, once everything is taken. */
  get end(): { readonly error: unknown } | undefined {
    return this.isInEnded && this.#queue.length === 0 ? { error: this.readError } : undefined
  }

  get isEnding(): boolean {
    return this.isOutEnded || this.#end !== undefined || this.#abort !== undefined
  }

  /** Sends a chunk; only while `balance` is above 0. Throws a `TypeError` for what can not be cloned. */
  send(chunk: unknown, fin = false): void {
    const { id } = this
    if (id === undefined) return
    const [value, list] = chunk instanceof Transferred ? [chunk.value, chunk.list] : [chunk, []]
    // A getter within the chunk may write to the channel, or end it: behind the chunk.
    this.balance--
    this.#holds++
    try {
      this.#host.post({ type: "data", id, fin, chunks: [value] }, list)
    } catch (cause) {
      this.balance++
      throw new TypeError("Cannot write a chunk: it can not be cloned or transferred", { cause })
    } finally {
      this.#holds--
    }
    this.#unanswered++
    if (fin) this.isOutEnded = true
    else if (this.isEnding) this.settle()
  }

  /** Sends a reply, if it is still wanted. */
  answer(reply: unknown): void {
    if (this.isEnding) return
    try {
      this.send(reply, true)
    } catch (cause) {
      const message = "Cannot answer a request: the reply can not be cloned or transferred"
      throw new MuxError("INTERNAL", message, { cause })
    }
  }

  /** FIN, or ABORT behind what was sent. */
  finish(failed?: { readonly reason: unknown }): void {
    if (this.isEnding) return
    this.failure ??= failed?.reason
    this.#end = failed === undefined ? "fin" : wireReasonOf(failed.reason, "INTERNAL")
    this.settle()
  }

  /** FIN behind what was sent: whether it could be sent. */
  close(): boolean {
    if (this.id !== undefined) this.finish()
    return this.id !== undefined
  }

  /** ABORT: what the peer has not read is dropped. */
  abort(error: unknown): void {
    if (this.isOutEnded || this.#abort !== undefined) return
    this.failure ??= error
    this.#abort = wireReasonOf(error, "INTERNAL")
    this.settle()
  }

  /** CANCEL: the user reads no more. */
  cancel(error: unknown, otherwise: MuxErrorCode = "CANCELLED"): void {
    if (this.#cancel !== undefined) return
    this.#cancel = wireReasonOf(error, otherwise)
    this.#queue.clear()
    if (!this.isInEnded) this.failure ??= error
    this.settle()
  }

  /** The oldest chunk, for the application, which is given credit for. */
  take(): { readonly chunk: unknown } | undefined {
    const next = this.#queue.shift()
    const { id } = this
    if (next === undefined || id === undefined || this.isInEnded) return next
    this.#taken++
    if (2 * this.#taken >= this.windowItems) {
      this.#allowed += this.#taken
      this.#host.post({ type: "credit", id, items: this.#taken })
      this.#taken = 0
    }
    return next
  }

  /** Its OPEN has been posted. */
  opened(id: number, balance: number): void {
    this.id = id
    this.balance = balance
    this.settle()
    this.user.onNews()
  }

  /** What has come: a chunk, FIN, or both. */
  receive(chunks: readonly unknown[], fin: boolean): void {
    for (const chunk of chunks) {
      if (this.#allowed-- <= 0) {
        throw new MuxError("FLOW_CONTROL", "Cannot take a chunk: there was no credit for it")
      }
      if (this.#cancel === undefined) this.#queue.push({ chunk })
    }
    if (fin) this.isInEnded = true
  }

  /** ABORT has come: at once, or behind what is queued. */
  aborted(error: MuxError, isBehind: boolean): void {
    this.isInEnded = true
    this.readError = error
    this.failure ??= error
    if (!isBehind) this.#queue.clear()
  }

  /** CANCEL has come: whether it says anything new. */
  cancelled(reason: WireReason, error: MuxError): boolean {
    if (this.isOutEnded || this.#abort !== undefined) return false
    this.writeError = error
    this.failure ??= error
    this.#abort = { code: reason.code, text: "" }
    return true
  }

  /** CREDIT has come: whether it answers chunks that were sent. */
  credited(items: number): boolean {
    if (this.isOutEnded) return false
    if (this.balance + items > MOST) {
      throw new MuxError("FLOW_CONTROL", `Cannot take a credit of ${items}: the sum is too large`)
    }
    this.balance += items
    const answers = this.#unanswered > 0
    this.#unanswered = Math.max(0, this.#unanswered - items)
    return answers
  }

  /** Keeps its place until as many calls of `release`: its direction ends after that. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    this.settle()
  }

  /** Sends the ends that are due. */
  settle(): void {
    const { id } = this
    if (this.isOver) return
    if (id === undefined) {
      // Nobody wants it any more, and the peer has not heard of it.
      if (this.#abort === undefined || this.#cancel === undefined) return
      this.isInEnded = this.isOutEnded = true
    } else {
      this.#sendEnds(id)
    }
    if (!this.isInEnded || !this.isOutEnded) return
    this.isOver = true
    this.#host.over(this)
  }

  /** The session has ended, or the peer does not serve it. */
  lost(error: Error, isDelivered: boolean): void {
    if (!this.isInEnded) {
      this.readError = error
      if (!isDelivered) this.#queue.clear()
    }
    if (!this.isOutEnded) this.writeError ??= error
    this.failure ??= error
    this.isInEnded = this.isOutEnded = this.isOver = true
    this.user.onNews()
  }

  #sendEnds(id: number): void {
    if (this.#cancel !== undefined && !this.#isCancelSent && !this.isInEnded) {
      this.#isCancelSent = true
      this.#host.post({ type: "cancel", id, reason: this.#cancel })
    }
    if (this.isOutEnded || this.#holds > 0) return
    const reason = this.#abort ?? this.#end
    if (reason === undefined) return
    this.isOutEnded = true
    if (reason === "fin") this.#host.post({ type: "data", id, fin: true, chunks: [] })
    else this.#host.post({ type: "abort", id, fin: reason === this.#end, reason })
  }
}
