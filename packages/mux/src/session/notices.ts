import type { ChannelCore } from "../channel/channel-core.ts"

/**
 * Who is to be told what. A change is made whole first, a chunk of the transport gone through to its
 * end; only then are users told, whose code may do anything.
 */
export class Notices {
  #touched: ChannelCore[] = []
  #news: (() => void)[] = []
  #isBusy = false

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
    channel.user.onNews()
    channel.inbound.settle()
  }
}
