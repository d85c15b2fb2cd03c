import type { Clock } from "@bellmouth/core"
import type { ChannelCore } from "../channel/channel-core.ts"
import { WindowProbe } from "./window-probe.ts"

/** What giving credit needs of its session. */
export interface CreditsHost {
  freeBytes: number
  ping(payload: Uint8Array): void
}

/** Gives credit for what was taken, and widens windows that are too narrow for the way. */
export class Credits {
  readonly #host: CreditsHost
  readonly #maxWindowBytes: number
  readonly #clock: Clock
  readonly #probe = new WindowProbe<ChannelCore>()

  constructor(host: CreditsHost, maxWindowBytes: number, clock: Clock) {
    this.#host = host
    this.#clock = clock
    this.#maxWindowBytes = maxWindowBytes
  }

  /** Sends a PING, unless one is out: the first when nothing queues on the way yet. */
  probe(): void {
    const payload = this.#probe.begin(this.#clock.now())
    if (payload !== undefined) this.#host.ping(payload)
  }

  /** The channel's user took so much; `credit` is to be given now. */
  taken(channel: ChannelCore, cost: number, credit: number): void {
    const { window } = channel.inbound
    // At most one PING for each half of a window, and as early in it as can be.
    const isFirst = credit > 0 || window.taken === cost
    if (isFirst && window.size < this.#maxWindowBytes) this.probe()
    this.#probe.took(channel, cost)
    if (credit > 0) channel.give(credit)
  }

  /** The channel is over. */
  forget(channel: ChannelCore): void {
    this.#probe.forget(channel)
  }

  /** A PING has come back. */
  ponged(payload: Uint8Array): void {
    this.#probe.end(payload, this.#clock.now(), (channel, sample) => {
      const { window, isEnded } = channel.inbound
      // As credit comes by half windows, one that is too narrow may let only its half through.
      if (isEnded || 5 * sample <= 2 * window.size) return
      const size = Math.min(Math.ceil(3 * sample), this.#maxWindowBytes)
      const more = size - window.size
      if (more <= 0 || more > this.#host.freeBytes) return
      this.#host.freeBytes -= more
      channel.reserved += more
      channel.give(window.grow(size))
    })
  }
}
