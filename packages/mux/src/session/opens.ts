import type { ChannelCore } from "../channel/channel-core.ts"
import { ReceiveWindow } from "../channel/receive-window.ts"
import { FIN, MORE, MOST, OPEN } from "../wire/frame.ts"
import type { FrameWriter } from "../wire/frame-writer.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { tooLarge } from "../wire/too-large.ts"
import { costOfWindow, type Limits } from "./limits.ts"

const LEAST_WINDOW_BYTES = 4096

/** What opening needs of its session. */
export interface OpensHost {
  readonly peer: PeerHello | undefined
  freeBytes: number
  readonly channels: Map<number, ChannelCore>
  touch(channel: ChannelCore): void
  /** It waits no longer, and never will be open. */
  fail(channel: ChannelCore, error: MuxError): void
  /** No more can be opened: it ends when all that is open has. */
  close(): void
}

/** Channels that this side wants to open: they wait for the peer to have room, and for our memory. */
export class Opens {
  /** The number of the last OPEN. */
  last = 0
  /** The peer serves none above this. */
  peerLast: number = Infinity
  /** Channels that this side opened and that are not over. */
  count = 0
  readonly waiting: Set<ChannelCore> = new Set()
  readonly #host: OpensHost
  readonly #limits: Limits

  constructor(host: OpensHost, limits: Limits) {
    this.#host = host
    this.#limits = limits
  }

  /** @throws {MuxError} `REFUSED` when too many wait. */
  add(channel: ChannelCore): void {
    const { maxPendingOpens, windowBytes, maxFrameBytes } = this.#limits
    const { peer, freeBytes } = this.#host
    const places = peer === undefined ? 0 : peer.maxChannels - this.count
    const windows = freeBytes / costOfWindow(windowBytes, maxFrameBytes)
    // Those that leave with the next chunk do not count.
    if (this.waiting.size >= maxPendingOpens + Math.max(0, Math.min(places, windows))) {
      const state = `${this.waiting.size} wait already`
      throw new MuxError("REFUSED", `Cannot open a channel: ${state}; wait for some of them`)
    }
    this.waiting.add(channel)
  }

  /** Opens the next one, or fails it if it never can be; false when there is none, or no room. */
  open(writer: FrameWriter): boolean {
    if (this.waiting.size === 0) return false
    const { peer } = this.#host
    const [channel] = this.waiting
    if (peer === undefined || channel === undefined) return false
    const fault = this.#faultOf(channel, peer)
    if (fault !== undefined) {
      this.#host.fail(channel, fault)
      return true
    }
    if (this.count >= peer.maxChannels || !this.#reserve(channel)) return false
    this.waiting.delete(channel)
    this.#write(writer, channel, peer)
    return true
  }

  #faultOf({ metadata, isRequest }: ChannelCore, peer: PeerHello): MuxError | undefined {
    const action = isRequest ? "request" : "open a channel"
    if (this.last === MOST) {
      // No number is used twice.
      return new MuxError("REFUSED", `Cannot ${action}: the session has used its numbers up`)
    }
    const most = isRequest ? peer.maxItemBytes : peer.maxFrameBytes - 4
    return metadata.byteLength > most ? tooLarge(action, metadata.byteLength, most) : undefined
  }

  /** What the channel's reader may come to hold; less window where there is less left. */
  #reserve(channel: ChannelCore): boolean {
    const { maxFrameBytes } = this.#limits
    const { inbound } = channel
    const most = this.#host.freeBytes - costOfWindow(0, maxFrameBytes)
    const { size } = inbound.window
    if (most < Math.min(size, LEAST_WINDOW_BYTES)) return false
    if (most < size) inbound.window = new ReceiveWindow(most)
    channel.reserved = costOfWindow(inbound.window.size, maxFrameBytes)
    this.#host.freeBytes -= channel.reserved
    return true
  }

  #write(writer: FrameWriter, channel: ChannelCore, peer: PeerHello): void {
    const { metadata, isRequest, outbound, inbound } = channel
    const id = ++this.last
    const head = metadata.subarray(0, peer.maxFrameBytes - 4)
    let flags = 0
    if (head.byteLength < metadata.byteLength) {
      // Only a request: its body goes on in DATA.
      flags = MORE
      outbound.push(metadata.subarray(head.byteLength))
      outbound.end("fin")
    } else if (isRequest) {
      flags = FIN
      outbound.isEnding = true
      outbound.isEnded = true
    }
    outbound.balance = peer.windowBytes
    this.count++
    this.#host.channels.set(id, channel)
    writer.put(OPEN, flags, id, head, inbound.window.size)
    channel.opened(id)
    this.#host.touch(channel)
    if (id === MOST) this.#host.close()
  }
}
