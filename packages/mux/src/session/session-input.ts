import type { ChannelCore } from "../channel/channel-core.ts"
import {
  ABORT,
  CANCEL,
  CREDIT,
  DATA,
  FIN,
  GOAWAY,
  HEADER_BYTES,
  HELLO,
  MORE,
  MOST,
  OPEN,
  PING,
  REPLY,
} from "../wire/frame.ts"
import { FrameScanner, type VisitFrame } from "../wire/frame-scanner.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { uint32At } from "../wire/uint32-at.ts"
import { checkData, readFrame, type WireFrame } from "../wire/wire-frame.ts"
import { FrameBucket } from "./frame-bucket.ts"
import { costOfWindow, type Limits } from "./limits.ts"

/** What incoming frames are about. */
export interface SessionInputHost {
  readonly isOver: boolean
  /** Undefined until it has greeted. */
  readonly peer: PeerHello | undefined
  readonly channels: ReadonlyMap<number, ChannelCore>
  readonly messages: ChannelCore
  /** The number of the last channel that this side opened. */
  readonly lastOpened: number
  greet(hello: Uint8Array): void
  accept(open: WireFrame): void
  /** Something of the channel may be of interest to its user. */
  touch(channel: ChannelCore): void
  ended(channel: ChannelCore): void
  offer(channel: ChannelCore): void
  pinged(payload: Uint8Array, isReply: boolean): void
  leaving(goaway: WireFrame): void
}

/** Reads the peer's frames, and holds them to the rules. What breaks one is thrown. */
export class SessionInput {
  /** The number of the last channel that the peer opened. */
  lastAccepted = 0
  /** Channels that the peer opened and that are not over. */
  acceptedCount = 0
  /** Frames on the peer's channels above this are ignored: it was told. */
  servedLast: number = Infinity
  readonly #host: SessionInputHost
  readonly #limits: Limits
  readonly #scanner: FrameScanner
  readonly #bucket: FrameBucket
  #ignoredBytes = 0

  constructor(host: SessionInputHost, limits: Limits) {
    this.#host = host
    this.#limits = limits
    const payloads = limits.isByteStream ? "in place" : "apart"
    this.#scanner = new FrameScanner(limits.maxFrameBytes, payloads)
    this.#bucket = new FrameBucket(limits.clock)
  }

  get isWithinFrame(): boolean {
    return this.#scanner.isWithinFrame
  }

  /** @throws {MuxError} when a rule is broken; what came before has taken effect. */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk, this.#visit)
  }

  readonly #visit: VisitFrame = (chunk, start, end, apart) => {
    const host = this.#host
    if (host.isOver) return
    const word = uint32At(chunk, start)
    const flags = word & 15
    const isData = ((word >>> 4) & 15) === DATA
    if (!isData || host.peer === undefined) return this.#handle(readFrame(chunk, start, end))
    const wireId = uint32At(chunk, start + 4) | 0
    checkData(wireId, flags)
    const cost = end - start + (apart === undefined ? 0 : apart.byteLength)
    const channel = this.#find(wireId, "DATA", false)
    if (channel === undefined) return this.#ignore(cost)
    if (cost > HEADER_BYTES || (flags & MORE) === 0) this.#bucket.earn()
    else this.#spend("DATA")
    channel.inbound.data(chunk, start, end, apart)
    // A request that comes in pieces is one item and no more; of a reply it is told who waits for it.
    if (channel.isRequest && wireId > 0) checkRequest(channel)
    if (channel.inbound.isEnded) host.ended(channel)
    else host.touch(channel)
  }

  #handle(frame: WireFrame): void {
    const host = this.#host
    const { type, name, flags, id, first } = frame
    if ((type === HELLO) !== (host.peer === undefined)) {
      throw new MuxError("PROTOCOL", `Cannot handle ${name}: HELLO has to come first, and once`)
    }
    switch (type) {
      case HELLO:
        return host.greet(frame.rest)
      case OPEN:
        return this.#open(frame)
      case CREDIT: {
        const channel = this.#find(id, name, true)
        if (channel === undefined || channel.outbound.isEnded) return this.#spend(name)
        const { outbound } = channel
        const balance = outbound.balance + first
        if (balance > MOST) {
          throw new MuxError("FLOW_CONTROL", `Cannot add credit: the balance would be ${balance}`)
        }
        if (!outbound.answered()) this.#spend(name)
        outbound.balance = balance
        outbound.given = first
        host.offer(channel)
        return host.touch(channel)
      }
      case ABORT: {
        const channel = this.#find(id, name, false)
        if (channel === undefined) return this.#spend(name)
        const error = errorOf(frame)
        channel.inbound.abort((flags & FIN) !== 0, error)
        channel.failure ??= error
        return host.ended(channel)
      }
      case CANCEL: {
        const channel = this.#find(id, name, true)
        if (channel === undefined || channel.outbound.isEnding) this.#spend(name)
        if (channel === undefined || channel.outbound.isEnded) return
        channel.cancelled(errorOf(frame))
        return host.touch(channel)
      }
      default:
        this.#spend(name)
        if (type === PING) host.pinged(frame.rest, (flags & REPLY) !== 0)
        else if (type === GOAWAY) host.leaving(frame)
    }
  }

  #open(frame: WireFrame): void {
    const { id, first: credit } = frame
    if (id !== this.lastAccepted + 1) {
      const state = `${id} came after ${this.lastAccepted}`
      throw new MuxError("PROTOCOL", `Cannot accept a channel: ${state}`)
    }
    if (credit > MOST) {
      throw new MuxError("FLOW_CONTROL", `Cannot accept a channel: its credit is ${credit}`)
    }
    this.lastAccepted = id
    if (id > this.servedLast) return this.#spend(frame.name)
    const { maxChannels } = this.#limits
    if (this.acceptedCount >= maxChannels) {
      throw new MuxError("PROTOCOL", `Cannot accept a channel: ${maxChannels} are open already`)
    }
    this.acceptedCount++
    this.#bucket.earn()
    this.#host.accept(frame)
  }

  /** The channel that a frame is about; undefined when the frame is to be ignored. */
  #find(wireId: number, name: string, isIgnoredWhenOver: boolean): ChannelCore | undefined {
    const host = this.#host
    const id = 0 - wireId
    const channel = id === 0 ? host.messages : host.channels.get(id)
    if (channel !== undefined && (isIgnoredWhenOver || !channel.inbound.isEnded)) return channel
    const wasThere = id > 0 ? id <= host.lastOpened : -id <= this.lastAccepted
    if (wasThere && (isIgnoredWhenOver || -id > this.servedLast)) return undefined
    throw new MuxError("PROTOCOL", `Cannot handle ${name}: ${id} is not open`)
  }

  /** What was under way to channels that are not served: a window for each, and no more. */
  #ignore(bytes: number): void {
    const { maxChannels, windowBytes, maxFrameBytes } = this.#limits
    const most = maxChannels * costOfWindow(windowBytes, maxFrameBytes)
    this.#ignoredBytes += bytes
    if (this.#ignoredBytes > most) {
      throw new MuxError("FLOW_CONTROL", `Cannot ignore data: more than ${most} bytes came`)
    }
  }

  /** Frames that cost the peer nothing are limited. */
  #spend(name: string): void {
    if (this.#bucket.spend()) return
    throw new MuxError("PROTOCOL", `Cannot go on: too many frames of ${name} that carry nothing`)
  }
}

/** What the peer has said of a channel. */
function errorOf({ first: code, text, id }: WireFrame): MuxError {
  return MuxError.fromWire(code, text, -id)
}

function checkRequest({ inbound }: ChannelCore): void {
  if (inbound.isEmpty || inbound.isEnded) return
  throw new MuxError("PROTOCOL", "Cannot receive a request: it has no end")
}
