import type { ChannelCore } from "../channel/channel-core.ts"
import type { Limits } from "./limits.ts"
import { WindowProbe } from "./window-probe.ts"

/** Where so much was taken and no request has ended, bulk is alone. */
const ALONE_BYTES = 1_048_576

/** With fewer in a window both programs have a turn for each one or two. */
const LEAST_ITEMS = 6

/** What giving credit needs of its session. */
export interface CreditsHost {
  freeBytes: number
  ping(payload: Uint8Array): void
}

/** Gives credit for what was taken, and widens windows that are too narrow for the way. */
export class Credits {
  readonly #host: CreditsHost
  readonly #limits: Limits
  readonly #probe = new WindowProbe<ChannelCore>()
  /** Taken since a request has ended. */
  #alone = Infinity

  constructor(host: CreditsHost, limits: Limits) {
    this.#host = host
    this.#limits = limits
  }

  /** Sends a PING, unless one is out: the first when nothing queues on the way yet. */
  probe(): void {
    const payload = this.#probe.begin(this.#limits.clock.now())
    if (payload !== undefined) this.#host.ping(payload)
  }

  /** The channel's user took so much, or dropped it. */
  taken(channel: ChannelCore, cost: number, isCredited: boolean): void {
    const { window } = channel.inbound
    const { windowBytes, sharedWindowBytes, maxWindowBytes } = this.#limits
    this.#alone += cost
    // A request waits behind all that was sent before it; a short way is full with less than a window.
    const isShared = this.#alone < ALONE_BYTES && this.#probe.isShort
    const isNarrow = isCredited && !isShared && LEAST_ITEMS * cost > window.size
    if (isNarrow) this.#grow(channel, 2 * windowBytes)
    const credit = isCredited ? window.take(cost, isShared ? sharedWindowBytes : Infinity) : 0
    // At most one PING for each half of a window, and as early in it as can be.
    const isFirst = credit > 0 || window.taken === cost
    if (isFirst && window.size < maxWindowBytes) this.probe()
    this.#probe.took(channel, cost)
    if (credit > 0) channel.grant(credit)
  }

  /** The channel is over. */
  forget(channel: ChannelCore): void {
    if (channel.isRequest) this.#alone = 0
    this.#probe.forget(channel)
  }

  /** A PING has come back. */
  ponged(payload: Uint8Array): void {
    this.#probe.end(payload, this.#limits.clock.now(), (channel, sample) => {
      const { window, isEnded } = channel.inbound
      // As credit comes by half windows, one that is too narrow may let only its half through.
      if (!isEnded && 5 * sample > 2 * window.size) this.#grow(channel, Math.ceil(3 * sample))
    })
  }

  /** Widens the channel's window to `bytes`, where that is wider, allowed, and there is room for it. */
  #grow(channel: ChannelCore, bytes: number): void {
    const { window } = channel.inbound
    const { windowBytes, maxWindowBytes } = this.#limits
    const size = Math.min(bytes, maxWindowBytes)
    const more = size - window.size
    // A channel that was opened with less asks for a few items at a time.
    if (more <= 0 || more > this.#host.freeBytes || window.size < windowBytes) return
    this.#host.freeBytes -= more
    channel.reserved += more
    channel.grant(window.grow(size))
  }
}
