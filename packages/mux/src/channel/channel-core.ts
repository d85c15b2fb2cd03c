import type { SourceController } from "@bellmouth/core"
import { checkBytes } from "@bellmouth/core"
import type { EndingChannel } from "../streams/ending-sink.ts"
import type { Ready } from "../streams/ready-source.ts"
import { ABORT, CANCEL, CREDIT } from "../wire/frame.ts"
import type { Control, FrameWriter } from "../wire/frame-writer.ts"
import type { MuxError } from "../wire/mux-error.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { tooLarge } from "../wire/too-large.ts"
import type { MuxErrorCode } from "../wire/wire-codes.ts"
import { type WireReason, wireReasonOf } from "../wire/wire-reason.ts"
import { type ChannelUser, NOBODY } from "./channel-user.ts"
import { Inbound, type InboundHost, type InboundOwner } from "./inbound.ts"
import { Outbound } from "./outbound.ts"
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
  /** Its user took, or dropped, so much. */
  taken(channel: ChannelCore, cost: number, isCredited: boolean): void
}

/** One channel: two directions and the rules between them. Pure: frames come in, frames go out. */
export class ChannelCore
  implements
    InboundOwner,
    Requested<Uint8Array>,
    Answerable<Uint8Array>,
    EndingChannel,
    Ready<Uint8Array>
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
  /** What has ended its writing before the user has. */
  writeError: unknown
  /** The first thing that ended a direction early. */
  failure: unknown
  isOver = false
  /** One request, one reply. */
  isRequest = false
  readonly #host: ChannelHost
  /** What is to be sent. */
  #credit = 0
  #cancel: WireReason | undefined
  /** It stands among those that have controls to send. */
  #isTelling = false

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
  taken(cost: number, isCredited: boolean): void {
    this.#host.taken(this, cost, isCredited)
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

  awaitedBy(reader: { readonly isAwaited: boolean }): void {
    this.inbound.isAwaited = () => reader.isAwaited
  }

  give(to: SourceController<Uint8Array>): boolean {
    const item = this.inbound.take()
    if (item !== undefined) to.enqueue(item)
    return item !== undefined
  }

  /** How the reading ends, once everything is taken. */
  get end(): { readonly error: unknown } | undefined {
    return this.inbound.isEnded && this.inbound.isEmpty ? this.inbound : undefined
  }

  /** @throws {MuxError} `TOO_LARGE` for more bytes than the peer takes. */
  checkSize(action: string, { byteLength }: Uint8Array): void {
    const most = this.#host.peer?.maxItemBytes ?? Infinity
    if (byteLength > most) throw tooLarge(action, byteLength, most)
  }

  /** Sends the one item of a reply, if it is still wanted. */
  answer(reply: Uint8Array): void {
    checkBytes("reply with", reply)
    this.checkSize("answer a request", reply)
    if (this.outbound.isEnding) return
    if (reply.byteLength > 0) this.outbound.push(reply)
    this.finish()
  }

  /** Queues one item; only while the outbound is neither ending nor ended. */
  write(item: Uint8Array): void {
    this.outbound.push(item)
    this.#host.offer(this)
  }

  /** FIN behind what is queued, or ABORT with FIN. */
  finish(failed?: { readonly reason: unknown }): void {
    if (this.outbound.isEnding) return
    this.failure ??= failed?.reason
    this.outbound.end(failed === undefined ? "fin" : wireReasonOf(failed.reason, "INTERNAL"))
    this.#tell()
  }

  /** FIN behind what is queued: whether all before it was handed to the transport. */
  close(): boolean {
    this.finish()
    const { isEnded, isEmpty, holds } = this.outbound
    return isEnded || (holds > 0 && isEmpty)
  }

  /** ABORT at once; what is queued is dropped. */
  abort(error: unknown, told: WireReason = wireReasonOf(error, "INTERNAL")): void {
    if (this.outbound.isEnded || this.outbound.aborted !== undefined) return
    this.failure ??= error
    this.outbound.aborted = told
    this.outbound.drop()
    this.#tell()
  }

  /** The peer reads no more: its CANCEL is answered with the same code. */
  cancelled(error: MuxError): void {
    if (this.outbound.isEnded || this.outbound.aborted !== undefined) return
    this.writeError = error
    this.abort(error, { code: error.wireCode, text: "" })
  }

  /** CANCEL: the user reads no more. */
  cancel(error: unknown, otherwise: MuxErrorCode = "CANCELLED"): void {
    const { inbound } = this
    if (inbound.isDropping) return
    inbound.drop()
    if (inbound.isEnded) return
    this.failure ??= error
    this.#cancel = wireReasonOf(error, otherwise)
    this.#tell()
  }

  /** CREDIT, together with what was not yet sent. */
  grant(credit: number): void {
    this.#credit += credit
    this.#tell()
  }

  /** Its OPEN has been written. */
  opened(id: number): void {
    this.id = id
    this.#tell()
  }

  /** Keeps its place, as work is done for it, until as many calls of `release`. */
  hold(): void {
    this.outbound.holds++
  }

  release(): void {
    this.outbound.holds--
    this.#tell()
  }

  /** There is something to send, behind OPEN. */
  #tell(): void {
    const host = this.#host
    if (this.id !== undefined) host.offer(this)
    else if (this.outbound.aborted && this.inbound.isDropping) host.withdraw(this)
    if (this.id === undefined || this.isOver || this.#isTelling) return
    this.#isTelling = true
    host.control((writer) => this.#write(writer))
  }

  /** What goes before all DATA. */
  #write(writer: FrameWriter): void {
    const { id = 0, inbound, outbound } = this
    const { aborted } = outbound
    if (!inbound.isEnded && this.#credit > 0) writer.put(CREDIT, 0, id, "", this.#credit)
    if (!inbound.isEnded && this.#cancel !== undefined && id !== 0) {
      writer.put(CANCEL, 0, id, this.#cancel.text, this.#cancel.code)
    }
    this.#credit = 0
    this.#cancel = undefined
    this.#isTelling = false
    if (aborted === undefined || outbound.isEnded || !outbound.mayEnd) return
    outbound.isEnded = true
    writer.put(ABORT, 0, id, aborted.text, aborted.code)
    this.#host.ended(this)
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
