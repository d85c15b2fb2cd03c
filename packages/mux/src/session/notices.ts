import type { ChannelCore } from "../channel/channel-core.ts"
import { Ring } from "../streams/ring.ts"

/**
 * Who is to be told what. A change is made whole first, a chunk of the transport gone through to its
 * end; only then are users told, whose code may do anything.
 */
export class Notices {
  readonly #touched = new Ring<ChannelCore>()
  readonly #news = new Ring<() => void>()
  readonly #failed: (error: unknown) => void
  #isBusy = false

  /** `failed` is told what a change throws. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** The channel's user should look at it. */
  touch(channel: ChannelCore): void {
    if (channel.isTouched) return
    channel.isTouched = true
    this.#touched.push(channel)
    if (!this.#isBusy) this.run(() => {})
  }

  /** Something to be told before anything is told of channels. */
  add(tell: () => void): void {
    this.#news.push(tell)
  }

  run(change: () => void): void {
    if (this.#isBusy) return this.#make(change)
    this.#isBusy = true
    try {
      this.#make(change)
      while (this.#news.length + this.#touched.length > 0) {
        const tell = this.#news.shift()
        if (tell === undefined) this.#tell(this.#touched.shift())
        else tell()
      }
    } finally {
      this.#isBusy = false
    }
  }

  #make(change: () => void): void {
    try {
      change()
    } catch (error) {
      this.#failed(error)
    }
  }

  #tell(channel: ChannelCore | undefined): void {
    if (channel === undefined) return
    channel.isTouched = false
    channel.user.onNews()
    channel.inbound.settle()
  }
}
