import { Budget } from "./budget.ts"
import { ChannelCore, type ChannelHost, type WireReason } from "./channel-core.ts"
import type { Frame } from "./frame.ts"
import { FrameWriter } from "./frame-writer.ts"
import { decodeHello } from "./hello.ts"
import type { Inbound } from "./inbound.ts"
import { costOfWindow, type Limits } from "./limits.ts"
import { MuxError } from "./mux-error.ts"
import { Opens } from "./opens.ts"
import type { Outbound } from "./outbound.ts"
import { type Control, Outbox } from "./outbox.ts"
import type { PeerHello } from "./peer-hello.ts"
import { SessionInput, type SessionInputHost } from "./session-input.ts"
import { Turn } from "./turn.ts"
import { WindowProbe } from "./window-probe.ts"
import { wireCodeOf } from "./wire-codes.ts"

/** Told by a session what its user should look at. */
export interface SessionEvents {
  hello(peer: PeerHello): void
  /** The peer opened a channel. It is held: `release()` once somebody has taken it. */
  channel(channel: ChannelCore): void
  /** The peer sent a request. It is held: `release()` once it is answered. */
  request(channel: ChannelCore, body: Uint8Array): void
  /** There may be something to send. */
  output(): void
  /** It is over, but for what is still to be sent: in order, or by `error`. */
  over(error: MuxError | undefined): void
}

/** A session without streams, timers and transport: bytes go in, bytes come out. */
export class SessionCore implements ChannelHost, SessionInputHost {
  peer: PeerHello | undefined
  isOver = false
  readonly budget: Budget
  readonly channels: Map<number, ChannelCore> = new Map()
  readonly maxItemBytes: number
  readonly assembling: Turn<Inbound> = new Turn()
  /** Messages: the channel with the number 0. */
  readonly messages: ChannelCore
  readonly #limits: Limits
  readonly #events: SessionEvents
  readonly #input: SessionInput
  readonly #writer: FrameWriter
  readonly #outbox = new Outbox()
  readonly #opens: Opens
  readonly #probe = new WindowProbe()
  #touched: ChannelCore[] = []
  #news: (() => void)[] = []
  #isBusy = false
  #isClosing = false
  #pong: Uint8Array | undefined

  constructor(limits: Limits, hello: Uint8Array, events: SessionEvents) {
    this.#limits = limits
    this.#events = events
    this.maxItemBytes = limits.maxItemBytes
    this.#input = new SessionInput(this, limits)
    this.#writer = new FrameWriter(limits.isByteStream)
    this.#writer.frame({ type: "hello", payload: hello })
    const granted = costOfWindow(limits.windowBytes, limits.maxFrameBytes)
    const taken = (limits.maxChannels + 1) * granted + 2 * limits.maxItemBytes
    this.budget = new Budget(limits.maxBufferedBytes - taken)
    this.#opens = new Opens(this, limits)
    this.messages = this.#newChannel(true, new Uint8Array(0), limits.windowBytes)
    this.messages.opened(0)
  }

  get isGreeted(): boolean {
    return this.peer !== undefined
  }

  get lastOpened(): number {
    return this.#opens.last
  }

  /** Whether `close()` was called, or the peer has said that it closes. */
  get isClosing(): boolean {
    return this.#isClosing || this.#opens.peerLast < Number.POSITIVE_INFINITY
  }

  /** Whether everything was pulled. */
  get isSilent(): boolean {
    return this.#outbox.isEmpty && this.#writer.byteLength === 0
  }

  /** Takes a chunk from the transport. Never throws: a peer that breaks a rule ends the session. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return
    this.#run(() => {
      try {
        this.#input.push(chunk)
      } catch (error) {
        this.#violated(error)
      }
    })
  }

  /** The next chunks for the transport: one batch of frames; none when there is nothing to say. */
  pull(): Uint8Array[] {
    const maxFrameBytes = this.peer?.maxFrameBytes ?? 0
    this.#run(() => {
      this.#outbox.fill(this.#writer, this.#limits.batchBytes, maxFrameBytes, this.#sent)
      this.#advanceClose()
    })
    return this.#writer.take()
  }

  /** @throws {MuxError} `CLOSED` or `REFUSED` when nothing can be opened. */
  open(metadata: Uint8Array, windowBytes: number, isRequest: boolean): ChannelCore {
    this.checkOpen("open a channel")
    const channel = this.#newChannel(true, metadata, windowBytes)
    channel.isRequest = isRequest
    this.#opens.add(channel)
    return channel
  }

  /** @throws {MuxError} `CLOSED` once the session is over or closing. */
  checkOpen(action: string): void {
    if (!this.isOver && !this.isClosing) return
    throw new MuxError("CLOSED", `Cannot ${action}: the session is closed or closing`)
  }

  ping(payload: Uint8Array): void {
    if (this.isGreeted && !this.isOver) this.#say({ type: "ping", ack: false, payload })
  }

  /** Takes no more, and is over when all that is open has ended. */
  close(): void {
    this.#isClosing = true
    this.#run(() => this.#advanceClose())
  }

  /** Ends it now; the peer is told `reason`, and everything here fails with `error`. */
  abort(reason: WireReason, error: MuxError, isDelivered: boolean): void {
    if (this.isOver) return
    this.#run(() => {
      this.#outbox.clear()
      this.#say({ type: "goaway", last: this.#input.lastAccepted, ...reason })
      this.#end(error, isDelivered)
    })
  }

  /** The transport has ended: in order only when nothing was open and one side had said so. */
  lost(cause: unknown): void {
    if (this.isOver) return
    const isRest = this.channels.size > 0 || !this.#opens.isEmpty || !this.messages.outbound.isEmpty
    const isInOrder = this.isClosing && !isRest && !this.#input.isWithinFrame
    this.#run(() => {
      this.#outbox.clear()
      const message = "The transport ended before the session did"
      this.#end(isInOrder ? undefined : new MuxError("CONNECTION_LOST", message, { cause }), true)
    })
  }

  control(write: Control): void {
    this.#outbox.control(write)
    this.#events.output()
  }

  offer(channel: ChannelCore): void {
    this.#outbox.offer(channel.outbound)
    this.#events.output()
  }

  touch(channel: ChannelCore): void {
    if (channel.isTouched) return
    channel.isTouched = true
    this.#touched.push(channel)
    if (!this.#isBusy) this.#run(() => {})
  }

  withdraw(channel: ChannelCore): void {
    this.#opens.withdraw(channel)
    this.fail(channel, new MuxError("CANCELLED", "The channel was given up before it was opened"))
  }

  fail(channel: ChannelCore, error: MuxError): void {
    channel.lost(error, true)
    this.#run(() => this.ended(channel))
  }

  taken(channel: ChannelCore, cost: number, credit: number): void {
    if (channel.isOver) {
      this.budget.release(cost)
      return this.#opens.advance()
    }
    this.#probe.took(channel.inbound, cost)
    if (credit === 0 || this.isOver) return
    this.#grant(channel, credit)
    if (channel.inbound.window.size >= this.#limits.maxWindowBytes) return
    const payload = this.#probe.begin()
    if (payload !== undefined) this.ping(payload)
  }

  ended(channel: ChannelCore): void {
    const { inbound, outbound } = channel
    if (inbound.isEnded && outbound.isEnded && !channel.isOver) this.#isOverNow(channel)
    this.touch(channel)
  }

  #isOverNow(channel: ChannelCore): void {
    channel.isOver = true
    if (channel.id !== undefined && this.channels.delete(channel.id)) {
      if (channel.isOurs) this.#opens.count--
      else this.#input.acceptedCount--
    }
    // What nobody has read yet goes on counting.
    this.budget.release(channel.reserved)
    this.budget.charge(channel.inbound.held)
    this.#opens.advance()
    this.#advanceClose()
  }

  greet(hello: Frame & { readonly type: "hello" }): void {
    const peer = decodeHello(hello.payload)
    this.peer = peer
    this.messages.outbound.balance = peer.windowBytes
    this.touch(this.messages)
    this.#news.push(() => this.#events.hello(peer))
    this.#opens.advance()
    this.#advanceClose()
  }

  accept(open: Frame & { readonly type: "open" }): void {
    const isRequest = open.fin || open.more
    const head = detached(open.head)
    const channel = this.#newChannel(
      false,
      isRequest ? new Uint8Array(0) : head,
      this.#limits.windowBytes,
    )
    const id = -open.id
    channel.isRequest = isRequest
    channel.outbound.balance = open.credit
    this.channels.set(id, channel)
    channel.opened(id)
    if (open.fin) channel.inbound.isEnded = true
    else if (open.more) {
      channel.inbound.isAwaited = () => true
      channel.inbound.head(open.head)
    }
    if (this.budget.free < 0) return this.#refuse(channel)
    channel.hold()
    if (open.fin) this.#news.push(() => this.#events.request(channel, head))
    else if (open.more) channel.isAwaitingBody = true
    else this.#news.push(() => this.#events.channel(channel))
  }

  pinged(ping: Frame & { readonly type: "ping" }): void {
    if (ping.ack) return this.#probe.end(ping.payload, this.#widen)
    const isSaid = this.#pong !== undefined
    this.#pong = ping.payload.slice()
    if (isSaid) return
    this.control((writer) => {
      const payload = this.#pong
      this.#pong = undefined
      if (payload !== undefined) writer.frame({ type: "ping", ack: true, payload })
    })
  }

  leaving(goaway: Frame & { readonly type: "goaway" }): void {
    if (goaway.code !== 0) return this.#end(MuxError.fromWire(goaway.code, goaway.text), true)
    this.#opens.peerLast = Math.min(this.#opens.peerLast, goaway.last)
    const error = new MuxError("REFUSED", "The peer closes the session and does not serve this")
    for (const channel of this.#opens.unnumbered) {
      this.#opens.withdraw(channel)
      this.fail(channel, error)
    }
    for (const [id, channel] of this.channels) {
      if (id > goaway.last) this.fail(channel, error)
    }
    this.#advanceClose()
  }

  #newChannel(isOurs: boolean, metadata: Uint8Array, windowBytes: number): ChannelCore {
    return new ChannelCore(this, isOurs, metadata, windowBytes, this.#limits.maxQueuedBytes)
  }

  readonly #sent = (outbound: Outbound): void => {
    const { id } = outbound
    const channel = id === 0 ? this.messages : id === undefined ? undefined : this.channels.get(id)
    if (channel === undefined) return
    if (outbound.isEnded) this.ended(channel)
    else this.touch(channel)
  }

  readonly #widen = (inbound: Inbound, wanted: number): void => {
    for (const channel of [this.messages, ...this.channels.values()]) {
      if (channel.inbound !== inbound || inbound.isEnded) continue
      const size = Math.min(wanted, this.#limits.maxWindowBytes)
      const more = size - inbound.window.size
      if (more <= 0 || !this.budget.reserve(more)) continue
      channel.reserved += more
      this.#grant(channel, inbound.window.grow(size))
    }
  }

  #refuse(channel: ChannelCore): void {
    const error = new MuxError("REFUSED", "The session holds too many bytes that nobody reads")
    const reason = { code: wireCodeOf("REFUSED"), text: "" }
    channel.abort(reason, error)
    if (!channel.inbound.isEnded) channel.cancel(reason, error)
  }

  #grant(channel: ChannelCore, credit: number): void {
    const isSaid = channel.credit > 0
    channel.credit += credit
    if (isSaid) return
    this.control((writer) => {
      const { id, credit, inbound } = channel
      channel.credit = 0
      if (id !== undefined && !inbound.isEnded) writer.frame({ type: "credit", id, credit })
    })
  }

  #say(frame: Frame): void {
    this.control((writer) => writer.frame(frame))
  }

  #violated(error: unknown): void {
    const known =
      error instanceof MuxError
        ? error
        : new MuxError("INTERNAL", "The session has failed", { cause: error })
    this.abort({ code: known.wireCode, text: known.message }, known, true)
  }

  #advanceClose(): void {
    if (this.isOver || !this.isGreeted || !this.isClosing) return
    if (!this.#opens.isEmpty || !this.messages.outbound.isEmpty) return
    if (this.#isClosing && this.#input.servedLast === Number.POSITIVE_INFINITY) {
      // The peer may close when it has this and nothing is open: so all that was to be opened is.
      this.#input.servedLast = this.#input.lastAccepted
      this.#say({ type: "goaway", last: this.#input.lastAccepted, code: 0, text: "" })
    }
    if (this.channels.size === 0 && this.#outbox.isEmpty) this.#end(undefined, true)
  }

  #end(error: MuxError | undefined, isDelivered: boolean): void {
    if (this.isOver) return
    this.isOver = true
    const lost = new MuxError("CONNECTION_LOST", error?.message ?? "The session has ended", {
      cause: error,
    })
    for (const channel of [...this.#opens.unnumbered, ...this.channels.values(), this.messages]) {
      channel.lost(error === undefined ? undefined : lost, isDelivered)
      channel.isOver = true
      this.touch(channel)
    }
    this.channels.clear()
    this.#news.push(() => this.#events.over(error))
  }

  /** Changes first; then, when everything is in order, whoever is concerned is told. */
  #run(change: () => void): void {
    if (this.#isBusy) return change()
    this.#isBusy = true
    try {
      change()
      while (this.#touched.length > 0 || this.#news.length > 0) {
        const touched = this.#touched
        const news = this.#news
        this.#touched = []
        this.#news = []
        for (const tell of news) tell()
        for (const channel of touched) this.#tell(channel)
      }
    } finally {
      this.#isBusy = false
    }
  }

  #tell(channel: ChannelCore): void {
    channel.isTouched = false
    if (channel.isAwaitingBody) this.#tellRequest(channel)
    channel.events.onReadable()
    channel.events.onWritable()
    channel.inbound.settle()
    if (channel.isOver) channel.events.onOver()
  }

  /** A request that came in pieces. */
  #tellRequest(channel: ChannelCore): void {
    if (!channel.inbound.isEnded) return
    channel.isAwaitingBody = false
    const body = channel.inbound.take()
    if (body !== undefined) this.#events.request(channel, body)
    else if (!channel.outbound.isEnding)
      channel.abort({ code: wireCodeOf("CANCELLED"), text: "" }, undefined)
  }
}

/** A view, or a copy where the view would keep far more alive. */
function detached(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes.buffer
  return byteLength > 131_072 && 2 * bytes.byteLength < byteLength ? bytes.slice() : bytes
}
