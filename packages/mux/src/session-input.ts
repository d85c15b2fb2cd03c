import type { ChannelCore } from "./channel-core.ts"
import { checkData, decodeFrame } from "./decode-frame.ts"
import { DATA, type Frame, HEADER_BYTES, MORE, MOST } from "./frame.ts"
import { FrameBucket } from "./frame-bucket.ts"
import { FrameScanner, type VisitFrame } from "./frame-scanner.ts"
import { costOfWindow, type Limits } from "./limits.ts"
import { MuxError } from "./mux-error.ts"
import type { PeerHello } from "./peer-hello.ts"

/** What incoming frames are about. */
export interface SessionInputHost {
  readonly isOver: boolean
  /** Undefined until it has greeted. */
  readonly peer: PeerHello | undefined
  readonly channels: ReadonlyMap<number, ChannelCore>
  readonly messages: ChannelCore
  /** The number of the last channel that this side opened. */
  readonly lastOpened: number
  greet(hello: Frame & { readonly type: "hello" }): void
  accept(open: Frame & { readonly type: "open" }): void
  /** Something of the channel may be of interest to its user. */
  touch(channel: ChannelCore): void
  ended(channel: ChannelCore): void
  offer(channel: ChannelCore): void
  pinged(ping: Frame & { readonly type: "ping" }): void
  leaving(goaway: Frame & { readonly type: "goaway" }): void
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
    this.#bucket = new FrameBucket(limits.clock.now())
  }

  get isWithinFrame(): boolean {
    return this.#scanner.isWithinFrame
  }

  /** @throws {MuxError} when a rule is broken; what came before has taken effect. */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk, this.#visit)
  }

  readonly #visit: VisitFrame = (chunk, view, start, end, apart) => {
    const host = this.#host
    if (host.isOver) return
    const isData = view.getUint8(start + 3) >>> 4 === DATA
    if (!isData || host.peer === undefined) {
      const frame = decodeFrame(chunk.subarray(start, end))
      if (host.peer !== undefined) return this.#handle(frame)
      if (frame.type === "hello") return host.greet(frame)
      throw new MuxError("PROTOCOL", `Cannot handle ${frame.type}: it came before hello`)
    }
    const wireId = view.getInt32(start + 4)
    const flags = view.getUint8(start + 3)
    checkData(wireId, flags)
    const id = 0 - wireId
    const channel = id === 0 ? host.messages : host.channels.get(id)
    const cost = end - start + (apart === undefined ? 0 : apart.byteLength)
    if (channel === undefined || channel.inbound.isEnded) {
      if (!this.#isIgnored(id)) throw notThere("data", id)
      return this.#ignore(cost)
    }
    if (cost > HEADER_BYTES || (flags & MORE) === 0) this.#bucket.earn()
    else this.#spend("data without bytes")
    channel.inbound.data(chunk, view, start, end, apart)
    if (channel.isRequest) this.#checkRequest(channel)
    if (channel.inbound.isEnded) host.ended(channel)
    else host.touch(channel)
  }

  #handle(frame: Frame): void {
    const host = this.#host
    switch (frame.type) {
      case "open":
        return this.#open(frame)
      case "credit": {
        const channel = frame.id === 0 ? host.messages : this.#find(frame.id, "credit", true)
        if (channel === undefined) return
        const { outbound } = channel
        if (outbound.isEnded) return this.#spend("credit")
        const balance = outbound.balance + frame.credit
        if (balance > MOST) {
          throw new MuxError("FLOW_CONTROL", `Cannot add credit: the balance would be ${balance}`)
        }
        if (!outbound.answered()) this.#spend("credit")
        outbound.balance = balance
        host.offer(channel)
        return host.touch(channel)
      }
      case "abort": {
        const channel = this.#find(frame.id, "abort", false)
        if (channel === undefined) return
        const error = MuxError.fromWire(frame.code, frame.text, -frame.id)
        channel.inbound.abort(frame.fin, error)
        channel.failure ??= error
        return host.ended(channel)
      }
      case "cancel": {
        const channel = this.#find(frame.id, "cancel", true)
        if (channel === undefined) return
        if (channel.outbound.isEnding) this.#spend("cancel")
        if (channel.outbound.isEnded) return
        channel.cancelled(frame, MuxError.fromWire(frame.code, frame.text, -frame.id))
        return host.touch(channel)
      }
      case "ping":
        this.#spend("ping")
        return host.pinged(frame)
      case "goaway":
        this.#spend("goaway")
        return host.leaving(frame)
      case "ack":
      case "unknown":
        return this.#spend(frame.type)
      case "hello":
        throw new MuxError("PROTOCOL", "Cannot handle hello: it came twice")
      case "data":
        return // handled before, without being decoded
      default:
        return frame satisfies never
    }
  }

  #open(frame: Frame & { readonly type: "open" }): void {
    if (frame.id !== this.lastAccepted + 1) {
      const state = `${frame.id} came after ${this.lastAccepted}`
      throw new MuxError("PROTOCOL", `Cannot accept a channel: ${state}`)
    }
    if (frame.credit > MOST) {
      throw new MuxError("FLOW_CONTROL", `Cannot accept a channel: its credit is ${frame.credit}`)
    }
    this.lastAccepted = frame.id
    if (frame.id > this.servedLast) return this.#spend(frame.type)
    const { maxChannels } = this.#limits
    if (this.acceptedCount >= maxChannels) {
      throw new MuxError("PROTOCOL", `Cannot accept a channel: ${maxChannels} are open already`)
    }
    this.acceptedCount++
    this.#bucket.earn()
    this.#host.accept(frame)
  }

  /** The channel that a frame is about; undefined when the frame is to be ignored. */
  #find(wireId: number, type: string, isIgnoredWhenOver: boolean): ChannelCore | undefined {
    const id = 0 - wireId
    const channel = this.#host.channels.get(id)
    if (channel !== undefined && (isIgnoredWhenOver || !channel.inbound.isEnded)) return channel
    if (this.#isIgnored(id)) {
      this.#spend(type)
      return undefined
    }
    const wasThere = id > 0 ? id <= this.#host.lastOpened : -id <= this.lastAccepted
    if (!isIgnoredWhenOver || !wasThere) throw notThere(type, id)
    this.#spend(type)
    return undefined
  }

  #isIgnored(id: number): boolean {
    return -id > this.servedLast && -id <= this.lastAccepted
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

  /** A request's reply, and a request that comes in pieces, is one item and no more. */
  #checkRequest(channel: ChannelCore): void {
    const { inbound } = channel
    if (inbound.isEmpty || inbound.isEnded || channel.isOurs) return
    throw new MuxError("PROTOCOL", "Cannot receive a request: it has no end")
  }

  /** Frames that cost the peer nothing are limited. */
  #spend(type: string): void {
    if (this.#bucket.spend(() => this.#limits.clock.now())) return
    throw new MuxError("PROTOCOL", `Cannot go on: too many frames of ${type} that carry nothing`)
  }
}

function notThere(type: string, id: number): MuxError {
  return new MuxError("PROTOCOL", `Cannot handle ${type}: ${id} is not open`)
}
