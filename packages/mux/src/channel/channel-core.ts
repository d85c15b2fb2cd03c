import { checkUint8Array } from "../streams/check-uint8-array.ts"
import type { EndingChannel } from "../streams/ending-sink.ts"
import { ABORT, CANCEL } from "../wire/frame.ts"
import type { Control, FrameWriter } from "../wire/frame-writer.ts"
import type { MuxError } from "../wire/mux-error.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { tooLarge } from "../wire/too-large.ts"
import type { WireReason } from "../wire/wire-reason.ts"
import type { ChannelUser } from "./channel-user.ts"
import { Inbound, type InboundHost, type InboundOwner } from "./inbound.ts"
import { type Ending, Outbound } from "./outbound.ts"
import type { Requested } from "./request-client.ts"
import type { Answerable } from "./request-server.ts"

/** What a channel needs of its session. */
export interface ChannelHost extends InboundHost {
  /** Undefined until it has greeted. */
  readonly peer: PeerHello | undefined
  control(write: Control): void
  offer(channel: ChannelCore): void
  /** It is not opened any more. */
  withdraw(channel: ChannelCore): void
  /** One of its directions has ended. */
  ended(channel: ChannelCore): void
  /** Its user took, or dropped, so much; `credit` is to be sent now. */
  taken(channel: ChannelCore, cost: number, credit: number): void
}

/** The user of a channel that nobody has taken. */
export const NOBODY: ChannelUser = { onNews() {} }

/** One channel: two directions and the rules between them. Pure: frames come in, frames go out. */
export class ChannelCore
  implements InboundOwner, Requested<Uint8Array>, Answerable<Uint8Array>, EndingChannel
{
  readonly inbound: Inbound
  readonly outbound: Outbound
  readonly metadata: Uint8Array
  /** Positive: opened here; negative: by the peer; undefined before its OPEN was written. */
  id: number | undefined
  user: ChannelUser = NOBODY
  /** Set while something is to be told at the end of a chunk. */
  isTouched = false
  /** It stands among those that take turns to send. */
  isInTurn = false
  /** Bytes of the budget that this channel has. */
  reserved = 0
  /** Credit that is to be sent with the next CREDIT. */
  credit = 0
  /** What has ended its writing before the user has. */
  writeError: unknown
  /** The first thing that ended a direction early. */
  failure: unknown
  isOver = false
  /** One request, one reply. */
  isRequest = false
  readonly #host: ChannelHost
  #holds = 0
  #isCancelling = false
  #isAborting = false
  #afterOpen: ((writer: FrameWriter, id: number) => void)[] = []
  /** How it ends once the work is done. */
  #end: (() => void) | undefined

  constructor(
    host: ChannelHost,
    metadata: Uint8Array,
    windowBytes: number,
    maxQueuedBytes: number,
  ) {
    this.#host = host
    this.metadata = metadata
    this.inbound = new Inbound(host, windowBytes, this)
    this.outbound = new Outbound(maxQueuedBytes)
  }

  /** @internal */
  taken(cost: number, credit: number): void {
    this.#host.taken(this, cost, credit)
  }

  get isInEnded(): boolean {
    return this.inbound.isEnded
  }

  /** What the reader is told behind what is queued. */
  get readError(): unknown {
    return this.inbound.error
  }

  /** The oldest item, for the application; undefined when there is none. */
  take(): Uint8Array | undefined {
    return this.inbound.take()
  }

  /** The longest item that the peer takes. */
  get mostSentBytes(): number {
    return this.#host.peer?.maxItemBytes ?? Infinity
  }

  /** @throws {MuxError} `TOO_LARGE` for more bytes than the peer takes. */
  checkSize(action: string, { byteLength }: Uint8Array): void {
    const most = this.mostSentBytes
    if (byteLength > most) throw tooLarge(action, byteLength, most)
  }

  /** Sends the one item of a reply, if it is still wanted. */
  answer(reply: Uint8Array): void {
    checkUint8Array("reply with", reply)
    this.checkSize("answer a request", reply)
    if (this.outbound.isEnding) return
    if (reply.byteLength > 0) this.outbound.push(reply)
    this.finish("fin")
  }

  /** Queues one item; only while the outbound is neither ending nor ended. */
  write(item: Uint8Array): void {
    this.outbound.push(item)
    this.#host.offer(this)
  }

  /** FIN, or ABORT, behind what is queued. */
  finish(ending: Ending, error?: unknown): void {
    if (this.outbound.isEnding) return
    this.outbound.isEnding = true
    this.failure ??= error
    this.#endWhenDone(() => {
      this.outbound.end(ending)
      this.#host.offer(this)
    })
  }

  /** FIN behind what is queued: whether all before it was handed to the transport. */
  close(): boolean {
    this.finish("fin")
    const { isEnded, isEmpty } = this.outbound
    return isEnded || (this.#end !== undefined && isEmpty)
  }

  /** ABORT at once; what is queued is dropped. */
  abort(reason: WireReason, error: unknown): void {
    const { outbound } = this
    if (outbound.isEnded || this.#isAborting) return
    this.#isAborting = true
    this.failure ??= error
    outbound.drop()
    this.#endWhenDone(() => {
      this.#control((writer, id) => {
        if (outbound.isEnded) return
        outbound.isEnded = true
        writer.put(ABORT, 0, id, reason.text, reason.code)
        this.#host.ended(this)
      })
    })
  }

  /** CANCEL: the user reads no more. */
  cancel(reason: WireReason, error: unknown): void {
    if (this.#isCancelling) return
    this.#isCancelling = true
    this.inbound.drop()
    if (this.inbound.isEnded) return this.#host.ended(this)
    this.failure ??= error
    this.#control((writer, id) => {
      if (!this.inbound.isEnded) writer.put(CANCEL, 0, id, reason.text, reason.code)
    })
  }

  /** Its OPEN has been written. */
  opened(id: number): void {
    this.id = id
    for (const write of this.#afterOpen.splice(0)) this.#control(write)
    this.#host.offer(this)
  }

  /** Sends a control frame, behind OPEN. */
  #control(write: (writer: FrameWriter, id: number) => void): void {
    const { id } = this
    if (id !== undefined) this.#host.control((writer) => write(writer, id))
    else if (this.#isAborting && this.#isCancelling) this.#host.withdraw(this)
    else this.#afterOpen.push(write)
  }

  /** The peer reads no more: its CANCEL is answered with the same code. */
  cancelled(error: MuxError): void {
    if (this.outbound.isEnded || this.#isAborting) return
    this.writeError = error
    this.abort({ code: error.wireCode, text: "" }, error)
  }

  /** Keeps its place, as work is done for it, until as many calls of `release`. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    if (--this.#holds > 0) return
    const end = this.#end
    this.#end = undefined
    end?.()
  }

  /** A channel that the peer opened holds its place: its direction ends when the work is done. */
  #endWhenDone(end: () => void): void {
    if (this.#holds > 0) this.#end = end
    else end()
  }

  /** The transport is gone, or the peer does not serve it. */
  lost(error: unknown, isDelivered: boolean): void {
    const { inbound, outbound } = this
    if (!inbound.isEnded) inbound.end(error, isDelivered)
    if (!outbound.isEnded) {
      outbound.drop()
      outbound.isEnded = true
      this.writeError ??= error
    }
    this.failure ??= error
  }
}
