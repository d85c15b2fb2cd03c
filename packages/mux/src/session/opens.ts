import type { ChannelCore } from "../channel/channel-core.ts"
import { ReceiveWindow } from "../channel/receive-window.ts"
import { FIN, MORE, MOST, OPEN } from "../wire/frame.ts"
import type { Control, FrameWriter } from "../wire/frame-writer.ts"
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
  control(write: Control): void
  touch(channel: ChannelCore): void
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
  readonly #host: OpensHost
  readonly #limits: Limits
  readonly #waiting = new Set<ChannelCore>()
  /** OPENs that wait for the transport. */
  readonly #leaving = new Set<ChannelCore>()

  constructor(host: OpensHost, limits: Limits) {
    this.#host = host
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#leaving.size === 0
  }

  /** Those that have no number yet. */
  get unnumbered(): ChannelCore[] {
    return [...this.#waiting, ...this.#leaving]
  }

  /** @throws {MuxError} `REFUSED` when too many wait. */
  add(channel: ChannelCore): void {
    if (this.#waiting.size >= this.#limits.maxPendingOpens) {
      const state = `${this.#waiting.size} wait for the peer to have room`
      throw new MuxError("REFUSED", `Cannot open a channel: ${state}; wait for some of them`)
    }
    this.#waiting.add(channel)
    this.advance()
  }

  /** Takes back what was not yet sent. */
  withdraw(channel: ChannelCore): void {
    if (this.#leaving.delete(channel)) this.count--
    this.#waiting.delete(channel)
  }

  /** Opens what there is room for, in order. */
  advance(): void {
    const { peer } = this.#host
    if (peer === undefined) return
    for (const channel of this.#waiting) {
      if (this.last + this.#leaving.size >= MOST) return this.#refuseAll()
      if (this.count >= peer.maxChannels || !this.#reserve(channel)) return
      this.#waiting.delete(channel)
      if (!this.#fits(channel, peer)) continue
      this.#leaving.add(channel)
      this.count++
      this.#host.control((writer) => {
        if (this.#leaving.delete(channel)) this.#open(writer, channel, peer)
      })
    }
  }

  /** No number is used twice. */
  #refuseAll(): void {
    const error = new MuxError(
      "REFUSED",
      "Cannot open a channel: the session has used its numbers up",
    )
    for (const channel of this.#waiting) {
      this.#waiting.delete(channel)
      this.#host.fail(channel, error)
    }
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

  #fits(channel: ChannelCore, peer: PeerHello): boolean {
    const { metadata, isRequest } = channel
    const most = isRequest ? peer.maxItemBytes : peer.maxFrameBytes - 4
    if (metadata.byteLength <= most) return true
    this.#host.freeBytes += channel.reserved
    channel.reserved = 0
    const action = isRequest ? "request" : "open a channel"
    this.#host.fail(channel, tooLarge(action, metadata.byteLength, most))
    return false
  }

  #open(writer: FrameWriter, channel: ChannelCore, peer: PeerHello): void {
    const { metadata, isRequest, outbound } = channel
    const id = ++this.last
    const most = peer.maxFrameBytes - 4
    const more = metadata.byteLength > most
    if (more) {
      // Only a request: its body goes on in DATA.
      outbound.push(metadata.subarray(most))
      outbound.end("fin")
    } else if (isRequest) {
      outbound.isEnding = true
      outbound.isEnded = true
    }
    outbound.balance = peer.windowBytes
    this.#host.channels.set(id, channel)
    channel.opened(id)
    this.#host.touch(channel)
    const flags = more ? MORE : isRequest ? FIN : 0
    const head = more ? metadata.subarray(0, most) : metadata
    writer.put(OPEN, flags, id, head, channel.inbound.window.size)
    if (id === MOST) this.#host.close()
  }
}
