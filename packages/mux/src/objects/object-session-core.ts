import { FrameBucket } from "../session/frame-bucket.ts"
import { MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { WireReason } from "../wire/wire-reason.ts"
import { toMuxError } from "../wire/wire-reason.ts"
import { ObjectChannelCore, type ObjectChannelHost } from "./object-channel-core.ts"
import { decodeObjectFrame, type ObjectFrame } from "./object-frame.ts"
import type { ObjectLimits } from "./object-session-options.ts"
import { Transferred } from "./transfer.ts"

/** Told what happens to a session. */
export interface ObjectSessionEvents {
  post(frame: ObjectFrame, list?: readonly object[]): void
  greeted(): void
  channel(channel: ObjectChannelCore): void
  request(channel: ObjectChannelCore): void
  /** Nothing is open any more; `told`: the peer knows, and it is for the peer to close the port. */
  over(error: MuxError | undefined, told: boolean): void
}

const NO_REASON: WireReason = { code: 0, text: "" }

/** The rules between the channels of a session; the port is its owner's. */
export class ObjectSessionCore implements ObjectChannelHost {
  isOver = false
  readonly #limits: ObjectLimits
  readonly #events: ObjectSessionEvents
  readonly #channels = new Map<number, ObjectChannelCore>()
  readonly #pending = new Set<ObjectChannelCore>()
  readonly #bucket: FrameBucket
  #peer: (ObjectFrame & { readonly type: "hello" }) | undefined
  #lastOurs = 0
  #lastTheirs = 0
  #ours = 0
  #theirs = 0
  #isOpening = false
  #isClosing = false
  #isPeerClosing = false
  /** What our goodbye has named, and the frames that came for later channels. */
  #servedUpTo: number | undefined
  #strays = 0

  constructor(limits: ObjectLimits, events: ObjectSessionEvents) {
    this.#limits = limits
    this.#events = events
    this.#bucket = new FrameBucket(limits.clock)
  }

  start(): void {
    const { windowItems, maxChannels } = this.#limits
    this.post({ type: "hello", windowItems, maxChannels })
  }

  post(frame: ObjectFrame, list?: readonly object[]): void {
    if (!this.isOver) this.#events.post(frame, list)
  }

  /** @throws {MuxError} `CLOSED`, `REFUSED`. */
  open(metadata: unknown, windowItems: number, isRequest: boolean): ObjectChannelCore {
    const isFull = this.#lastOurs + this.#pending.size >= MOST
    if (this.isOver || this.#isClosing || this.#isPeerClosing || isFull) {
      throw new MuxError("CLOSED", "Cannot open a channel: the session is closing")
    }
    const isNext = this.#pending.size === 0 && this.#ours < (this.#peer?.maxChannels ?? 0)
    if (!isNext && this.#pending.size >= this.#limits.maxPendingOpens) {
      const message = `Cannot open a channel: ${this.#pending.size} wait for the peer to have room`
      throw new MuxError("REFUSED", message)
    }
    const channel = new ObjectChannelCore(this, true, metadata, windowItems, isRequest)
    this.#pending.add(channel)
    this.#advanceOpens()
    return channel
  }

  over(channel: ObjectChannelCore): void {
    const { id } = channel
    if (id === undefined) this.#pending.delete(channel)
    else if (this.#channels.delete(id)) this.#count(channel, -1)
    channel.user.onNews()
    this.#advanceOpens()
    this.#advanceEnd()
  }

  close(): void {
    if (this.isOver || this.#isClosing) return
    this.#isClosing = true
    this.#sayGoodbye()
  }

  /** Ends it; the peer is told. */
  fail(error: MuxError, isDelivered: boolean): void {
    if (this.isOver) return
    const reason = { code: error.wireCode || 2, text: error.message }
    this.post({ type: "goaway", reason, last: this.#lastTheirs })
    this.#end(error, isDelivered, false)
  }

  /** The port has ended. */
  lost(how: string, options: ErrorOptions): void {
    if (this.isOver) return
    const message = `The port ended before the session did: ${how}`
    const error = new MuxError("CONNECTION_LOST", message, options)
    this.#end(error, true, true)
  }

  receive(message: unknown): void {
    if (this.isOver) return
    try {
      this.#take(decodeObjectFrame(message))
    } catch (error) {
      this.fail(toMuxError(error, "INTERNAL", "A frame could not be handled"), true)
    }
  }

  #take(frame: ObjectFrame): void {
    if ((this.#peer === undefined) !== (frame.type === "hello") && frame.type !== "end") {
      throw new MuxError("PROTOCOL", "Cannot take a frame: one greeting has to come, and first")
    }
    switch (frame.type) {
      case "hello":
        this.#peer = frame
        this.#events.greeted()
        if (this.#isClosing) this.#sayGoodbye()
        return this.#advanceOpens()
      case "open":
        return this.#accept(frame)
      case "goaway":
        return this.#onGoodbye(frame.reason, frame.last)
      case "end":
        if (!this.#isPeerClosing || this.#channels.size > 0) {
          throw new MuxError("CONNECTION_LOST", "The peer has ended the port before the session")
        }
        this.post({ type: "end" })
        return this.#end(undefined, true, true)
      default:
        return this.#onChannelFrame(frame)
    }
  }

  #accept(frame: ObjectFrame & { readonly type: "open" }): void {
    if (this.#isStray(frame.id)) return
    if (frame.id !== this.#lastTheirs + 1) {
      throw new MuxError("PROTOCOL", `Cannot accept channel ${frame.id}: it is not the next`)
    }
    if (this.#theirs >= this.#limits.maxChannels) {
      throw new MuxError("PROTOCOL", `Cannot accept a channel: ${this.#theirs} are open, the most`)
    }
    if (frame.credit > MOST) {
      throw new MuxError("FLOW_CONTROL", `Cannot take a credit of ${frame.credit}: it is too large`)
    }
    this.#lastTheirs = frame.id
    const { windowItems } = this.#limits
    const channel = new ObjectChannelCore(this, false, frame.head, windowItems, frame.fin)
    channel.isInEnded = frame.fin
    this.#channels.set(-frame.id, channel)
    this.#count(channel, 1)
    channel.opened(-frame.id, frame.credit)
    if (frame.fin) this.#events.request(channel)
    else this.#events.channel(channel)
  }

  #onChannelFrame(frame: ObjectFrame & { readonly id: number }): void {
    if (this.#isStray(frame.id)) return
    const isAdvice = frame.type === "credit" || frame.type === "cancel"
    const channel = this.#channels.get(-frame.id)
    if (channel === undefined || (channel.isInEnded && !isAdvice)) {
      const last = frame.id > 0 ? this.#lastTheirs : this.#lastOurs
      if (Math.abs(frame.id) <= last && isAdvice) return this.#spend()
      throw new MuxError("PROTOCOL", `Cannot take a frame: channel ${-frame.id} is not open`)
    }
    const told = "reason" in frame ? frame.reason : NO_REASON
    const error = MuxError.fromWire(told.code, told.text, -frame.id)
    if (frame.type === "data") {
      channel.receive(frame.chunks, frame.fin)
      this.#bucket.earn()
    } else if (frame.type === "credit") {
      if (!channel.credited(frame.items)) this.#spend()
    } else if (frame.type === "cancel") {
      if (!channel.cancelled(told, error)) this.#spend()
    } else if (frame.type === "abort") {
      channel.aborted(error, frame.fin)
    }
    channel.settle()
    channel.user.onNews()
  }

  #onGoodbye(reason: WireReason, last: number): void {
    if (reason.code !== 0) {
      this.post({ type: "end" })
      return this.#end(MuxError.fromWire(reason.code, reason.text), true, true)
    }
    if (this.#isPeerClosing) this.#spend()
    this.#isPeerClosing = true
    const error = new MuxError("REFUSED", "The peer is closing and has not served this channel")
    const refused = [...this.#channels.values()].filter(({ id = 0 }) => id > last)
    for (const channel of [...refused, ...this.#pending]) {
      channel.lost(error, true)
      this.over(channel)
    }
  }

  /** Whether it is about a channel that our goodbye does not serve. */
  #isStray(id: number): boolean {
    if (this.#servedUpTo === undefined || id <= this.#servedUpTo) return false
    const { maxChannels, windowItems } = this.#limits
    if (++this.#strays > maxChannels * (windowItems + 3)) {
      throw new MuxError("FLOW_CONTROL", "Cannot ignore more frames behind our goodbye")
    }
    return true
  }

  #spend(): void {
    if (this.#bucket.spend()) return
    throw new MuxError("PROTOCOL", "Cannot take more frames that say nothing")
  }

  #advanceOpens(): void {
    if (this.#isOpening) return // a getter within the metadata may open a channel
    this.#isOpening = true
    for (const channel of this.#pending) {
      const peer = this.#peer
      if (peer === undefined || this.#isPeerClosing || this.#ours >= peer.maxChannels) break
      this.#openNow(channel, peer.windowItems)
    }
    this.#isOpening = false
  }

  #openNow(channel: ObjectChannelCore, credit: number): void {
    const { metadata, windowItems, isRequest } = channel
    const id = this.#lastOurs + 1
    const [value, list] =
      metadata instanceof Transferred ? [metadata.value, metadata.list] : [metadata, []]
    try {
      this.post({ type: "open", id, fin: isRequest, head: value, credit: windowItems }, list)
    } catch (cause) {
      this.#pending.delete(channel)
      const message = "Cannot open a channel: its metadata, or request, can not be cloned"
      channel.lost(new TypeError(message, { cause }), false)
      return this.over(channel)
    }
    if (!this.#pending.delete(channel)) return // it has ended meanwhile
    this.#lastOurs = id
    this.#channels.set(id, channel)
    this.#count(channel, 1)
    channel.isOutEnded = isRequest
    channel.opened(id, credit)
  }

  #count(channel: ObjectChannelCore, by: number): void {
    if (channel.isOurs) this.#ours += by
    else this.#theirs += by
  }

  #sayGoodbye(): void {
    if (this.#peer === undefined) return // when it has greeted
    this.#servedUpTo = this.#lastTheirs
    this.post({ type: "goaway", reason: NO_REASON, last: this.#lastTheirs })
    this.#advanceEnd()
  }

  #advanceEnd(): void {
    if (this.#servedUpTo === undefined || this.#channels.size + this.#pending.size > 0) return
    if (this.isOver) return
    this.post({ type: "end" })
    this.#end(undefined, true, false)
  }

  #end(error: MuxError | undefined, isDelivered: boolean, told: boolean): void {
    this.isOver = true
    const cause = error === undefined ? {} : { cause: error }
    const lost = new MuxError("CONNECTION_LOST", "The session has ended", cause)
    const open = [...this.#channels.values(), ...this.#pending]
    this.#channels.clear()
    this.#pending.clear()
    for (const channel of open) channel.lost(lost, isDelivered)
    this.#events.over(error, told)
  }
}
