import { ChannelCore, type ChannelHost } from "../channel/channel-core.ts"
import type { Inbound } from "../channel/inbound.ts"
import { Turn } from "../channel/turn.ts"
import { GOAWAY, HELLO, PING, REPLY } from "../wire/frame.ts"
import { type Control, FrameWriter } from "../wire/frame-writer.ts"
import { MuxError } from "../wire/mux-error.ts"
import { NOTHING } from "../wire/nothing.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import type { WireFrame } from "../wire/wire-frame.ts"
import { toMuxError, wireReasonOf } from "../wire/wire-reason.ts"
import { type AcceptsEvents, type AcceptsHost, accept } from "./accepts.ts"
import { Credits } from "./credits.ts"
import { decodeHello } from "./hello.ts"
import { type Limits, leastBufferedBytes } from "./limits.ts"
import { Notices } from "./notices.ts"
import { Opens } from "./opens.ts"
import { Outbox } from "./outbox.ts"
import { SessionInput, type SessionInputHost } from "./session-input.ts"

/** Told by a session what its user should look at. */
export interface SessionEvents extends AcceptsEvents {
  hello(peer: PeerHello): void
  /** There may be something to send. */
  output(): void
  /** It is over, but for what is still to be sent: in order, or by `error`. */
  over(error: MuxError | undefined): void
}

/** A session without streams, timers and transport: bytes go in, bytes come out. */
export class SessionCore implements ChannelHost, AcceptsHost, SessionInputHost {
  peer: PeerHello | undefined
  isOver = false
  /** What it was ended by; undefined when it has ended in order. */
  error: MuxError | undefined
  /** What is left of the bytes that all channels share; below 0 when more was taken than there was. */
  freeBytes: number
  readonly channels: Map<number, ChannelCore> = new Map()
  readonly maxItemBytes: number
  readonly events: SessionEvents
  readonly assembling: Turn<Inbound> = new Turn()
  /** Messages: the channel with the number 0. */
  readonly messages: ChannelCore
  readonly #limits: Limits
  readonly #input: SessionInput
  readonly #writer: FrameWriter
  readonly #outbox = new Outbox()
  readonly #opens: Opens
  readonly #credits: Credits
  readonly #notices = new Notices((error) => this.abort(error, true))
  #isClosing = false
  #pong: Uint8Array | undefined

  constructor(limits: Limits, hello: Uint8Array, events: SessionEvents) {
    this.#limits = limits
    this.events = events
    this.maxItemBytes = limits.maxItemBytes
    this.#input = new SessionInput(this, limits)
    this.#writer = new FrameWriter(limits.isByteStream)
    this.#writer.put(HELLO, 0, 0, hello)
    this.freeBytes = limits.maxBufferedBytes - leastBufferedBytes(limits)
    this.#opens = new Opens(this, limits)
    this.#credits = new Credits(this, limits)
    this.messages = this.create(NOTHING)
    this.messages.id = 0
  }

  get lastOpened(): number {
    return this.#opens.last
  }

  /** Whether `close()` was called, or the peer has said that it closes. */
  get isClosing(): boolean {
    return this.#isClosing || this.#opens.peerLast < Infinity
  }

  /** Whether everything was pulled. */
  get isSilent(): boolean {
    return this.#outbox.isEmpty && this.#writer.byteLength === 0
  }

  /** Takes a chunk from the transport. Never throws: a peer that breaks a rule ends the session. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return
    this.#notices.run(() => this.#input.push(chunk))
  }

  /** The next chunk for the transport: of a batch of frames; undefined when there is nothing to say. */
  take(): Uint8Array | undefined {
    if (this.#writer.byteLength > 0) return this.#writer.take()
    if (this.#outbox.isEmpty && this.#opens.waiting.size === 0) return undefined
    this.#notices.run(() => {
      const most = this.peer?.maxFrameBytes ?? 0
      this.#outbox.fill(this.#writer, this.#limits.batchBytes, most, this.#open, this.#sent)
      this.#advanceClose()
    })
    return this.#writer.take()
  }

  /** @throws {MuxError} `CLOSED` or `REFUSED` when nothing can be opened. */
  open(metadata: Uint8Array, windowBytes: number, isRequest: boolean): ChannelCore {
    this.checkOpen("open a channel")
    const channel = this.create(metadata, windowBytes)
    channel.isRequest = isRequest
    this.#opens.add(channel)
    this.events.output()
    return channel
  }

  /** @throws {MuxError} `CLOSED` once the session is over or closing. */
  checkOpen(action: string): void {
    if (!this.isOver && !this.isClosing) return
    throw new MuxError("CLOSED", `Cannot ${action}: the session is closed or closing`)
  }

  ping(payload: Uint8Array): void {
    if (this.peer !== undefined && !this.isOver)
      this.control((writer) => writer.put(PING, 0, 0, payload))
  }

  /** Takes no more, and is over when all that is open has ended: seen behind what is to be sent. */
  close(): void {
    this.#isClosing = true
  }

  /** Ends it now, with `reason` or, where that is no `MuxError`, with one that follows from it. */
  abort(reason: unknown, isDelivered: boolean): void {
    if (this.isOver) return
    const { code, text } = wireReasonOf(reason, "INTERNAL")
    this.#notices.run(() => {
      this.#end(toMuxError(reason, "INTERNAL", "The session was aborted"), isDelivered)
      this.#goAway(code, text)
    })
  }

  /** The transport has ended: in order only when nothing was open and one side had said so. */
  lost(cause: unknown): void {
    if (this.isOver) return
    const isDone = this.channels.size + this.#opens.waiting.size === 0
    const isInOrder =
      this.isClosing && isDone && this.messages.outbound.isEmpty && !this.#input.isWithinFrame
    this.#notices.run(() => {
      const lost = new MuxError("CONNECTION_LOST", "The transport ended before the session did", {
        cause,
      })
      this.#end(isInOrder ? undefined : lost, true)
    })
  }

  create(metadata: Uint8Array, windowBytes: number = this.#limits.windowBytes): ChannelCore {
    return new ChannelCore(this, metadata, windowBytes, this.#limits.maxQueuedBytes)
  }

  control(write: Control): void {
    this.#outbox.control(write)
    this.events.output()
  }

  offer(channel: ChannelCore): void {
    this.#outbox.offer(channel)
    this.events.output()
  }

  tell(news: () => void): void {
    this.#notices.add(news)
  }

  touch(channel: ChannelCore): void {
    this.#notices.touch(channel)
  }

  withdraw(channel: ChannelCore): void {
    this.fail(channel, new MuxError("CANCELLED", "The channel was given up"))
  }

  fail(channel: ChannelCore, error: MuxError): void {
    this.#opens.waiting.delete(channel)
    channel.lost(error, true)
    this.#notices.run(() => this.ended(channel))
  }

  taken(channel: ChannelCore, cost: number, isCredited: boolean): void {
    if (channel.isOver) {
      this.freeBytes += cost
      return this.events.output()
    }
    // Nobody is told that messages are not read: they go on, and are dropped.
    if (!this.isOver) this.#credits.taken(channel, cost, isCredited || channel.id === 0)
  }

  ended(channel: ChannelCore): void {
    const isDone = channel.inbound.isEnded && channel.outbound.isEnded
    if (isDone && !channel.isOver) this.#isOverNow(channel)
    this.touch(channel)
  }

  #isOverNow(channel: ChannelCore): void {
    channel.isOver = true
    this.#credits.forget(channel)
    if (channel.id !== undefined && this.channels.delete(channel.id)) {
      if (channel.id > 0) this.#opens.count--
      else this.#input.acceptedCount--
    }
    // What nobody has read yet goes on counting.
    this.freeBytes += channel.reserved - channel.inbound.held
    this.events.output()
    this.#advanceClose()
  }

  greet(hello: Uint8Array): void {
    const peer = decodeHello(hello)
    this.peer = peer
    this.messages.outbound.balance = peer.windowBytes
    this.#credits.probe()
    this.touch(this.messages)
    this.#notices.add(() => this.events.hello(peer))
    this.events.output()
  }

  accept(open: WireFrame): void {
    accept(this, open)
  }

  pinged(payload: Uint8Array, isReply: boolean): void {
    if (isReply) return this.#credits.ponged(payload)
    const isSaid = this.#pong !== undefined
    this.#pong = payload.slice()
    if (isSaid) return
    this.control((writer) => {
      writer.put(PING, REPLY, 0, this.#pong ?? NOTHING)
      this.#pong = undefined
    })
  }

  leaving({ first: last, second: code, text }: WireFrame): void {
    if (code !== 0) return this.#end(MuxError.fromWire(code, text), true)
    this.#opens.peerLast = Math.min(this.#opens.peerLast, last)
    const error = new MuxError("REFUSED", "The peer closes the session")
    for (const channel of [...this.#opens.waiting, ...this.channels.values()]) {
      if ((channel.id ?? Infinity) > last) this.fail(channel, error)
    }
    this.#advanceClose()
  }

  readonly #open = (): boolean => this.#opens.open(this.#writer)

  readonly #sent = (channel: ChannelCore): void => {
    if (channel.outbound.isEnded) this.ended(channel)
    else this.touch(channel)
  }

  #goAway(code: number, text: string): void {
    const last = this.#input.lastAccepted
    this.control((writer) => writer.put(GOAWAY, 0, 0, text, last, code))
  }

  #advanceClose(): void {
    if (this.isOver || this.peer === undefined || !this.isClosing) return
    const { isEmpty, mayEnd } = this.messages.outbound
    if (this.#opens.waiting.size > 0 || !isEmpty || !mayEnd) return
    if (this.#isClosing && this.#input.servedLast === Infinity) {
      // The peer may close when it has this and nothing is open: so all that was to be opened is.
      this.#input.servedLast = this.#input.lastAccepted
      this.#goAway(0, "")
    }
    if (this.channels.size === 0 && this.#outbox.isEmpty) this.#end(undefined, true)
  }

  #end(error: MuxError | undefined, isDelivered: boolean): void {
    if (this.isOver) return
    this.isOver = true
    this.error = error
    this.#outbox.clear()
    const code = error === undefined ? "CLOSED" : "CONNECTION_LOST"
    const lost = new MuxError(code, error?.message ?? "The session has ended", { cause: error })
    for (const channel of [...this.#opens.waiting, ...this.channels.values(), this.messages]) {
      channel.lost(error === undefined ? undefined : lost, isDelivered)
      channel.isOver = true
      this.touch(channel)
    }
    this.messages.writeError ??= lost
    this.#opens.waiting.clear()
    this.channels.clear()
    this.#notices.add(() => this.events.over(error))
  }
}
