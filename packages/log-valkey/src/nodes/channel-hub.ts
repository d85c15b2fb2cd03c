import { replyCode } from "../client/reply.ts"
import type { NodeLink } from "./node-link.ts"

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1_000

/** Who listens to a channel. */
export interface ChannelListener {
  /** A message has come, or may have been missed. */
  woken(): void
  /** Whether every message comes from now on. */
  live(isLive: boolean): void
}

/** Who knows where channels are. */
export interface ChannelPlaces {
  linkOf(key: string): NodeLink
  /** A server has said that another has the key. */
  moved(key: string, error: Error, asked: NodeLink): void
}

interface Channel {
  readonly listeners: Set<ChannelListener>
  /** Where it is subscribed. */
  link: NodeLink | undefined
  isAttaching: boolean
}

/**
 * The subscriptions of all logs of a client: one connection for each server, one subscription for
 * each log, however many follow it. What was lost is subscribed to again.
 */
export class ChannelHub {
  readonly #places: ChannelPlaces
  readonly #channels = new Map<string, Channel>()
  #isClosed = false

  constructor(places: ChannelPlaces) {
    this.#places = places
  }

  /** Listens to the channel of a key, until the function given back is called. */
  listen(key: string, listener: ChannelListener): () => void {
    const channel = this.#channels.get(key) ?? {
      listeners: new Set(),
      link: undefined,
      isAttaching: false,
    }
    this.#channels.set(key, channel)
    channel.listeners.add(listener)
    if (channel.link === undefined) void this.#attach(key, channel)
    else listener.live(true)
    return () => {
      if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return
      if (this.#channels.get(key) === channel) this.#channels.delete(key)
      this.#detach(key, channel)
    }
  }

  message(key: string): void {
    for (const listener of this.#channels.get(key)?.listeners ?? []) listener.woken()
  }

  /** The subscriptions at a server are gone. */
  lost(link: NodeLink): void {
    for (const [key, channel] of this.#channels) {
      if (channel.link === link) this.#reattach(key, channel)
    }
  }

  /** Slots may have moved: what is subscribed elsewhere than it should be is subscribed anew. */
  check(): void {
    for (const [key, channel] of this.#channels) {
      if (channel.link === undefined || channel.link === this.#places.linkOf(key)) continue
      this.#detach(key, channel)
      this.#reattach(key, channel)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#channels.clear()
  }

  #reattach(key: string, channel: Channel): void {
    channel.link = undefined
    for (const listener of channel.listeners) listener.live(false)
    void this.#attach(key, channel)
  }

  #detach(key: string, channel: Channel): void {
    const { link } = channel
    if (link?.subscriptions.isOpen !== true) return
    const other = this.#channels.get(key)
    // Who has come meanwhile has subscribed there, or is about to.
    const isOthers = other !== undefined && other !== channel
    if (isOthers && (other.link ?? this.#places.linkOf(key)) === link) return
    link.subscriptions
      .connection()
      .then((connection) => connection.unsubscribe(key))
      .catch(() => {
        // The connection is gone, and the subscription with it.
      })
  }

  async #attach(key: string, channel: Channel): Promise<void> {
    if (channel.isAttaching) return
    channel.isAttaching = true
    for (let attempt = 0; this.#isWanted(key, channel); attempt++) {
      const link = this.#places.linkOf(key)
      try {
        await link.subscriptions.subscribe(key)
        channel.link = link
        break
      } catch (error) {
        // There is time to try again: who follows looks now and then by itself.
        if (replyCode(error) === "MOVED" && error instanceof Error) {
          this.#places.moved(key, error, link)
        }
        const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
        await new Promise((resolve) => setTimeout(resolve, ms))
      }
    }
    channel.isAttaching = false
    if (!this.#isWanted(key, channel)) return this.#detach(key, channel)
    for (const listener of channel.listeners) {
      listener.live(true)
      // What came before the subscription is to be looked for.
      listener.woken()
    }
  }

  #isWanted(key: string, channel: Channel): boolean {
    return !this.#isClosed && this.#channels.get(key) === channel
  }
}
