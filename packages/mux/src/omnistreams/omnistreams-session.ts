import { fromPull } from "@bellmouth/core"
import { MuxError } from "../wire/mux-error.ts"
import { toMuxError } from "../wire/wire-reason.ts"
import { IncomingChannel, type OmnistreamsChannel } from "./incoming-channel.ts"
import { decodeOmnistreamsFrame } from "./omnistreams-frame.ts"
import {
  FRAME_OVERHEAD_BYTES,
  type OmnistreamsLimits,
  type OmnistreamsOptions,
  omnistreamsLimits,
} from "./omnistreams-options.ts"
import { OmnistreamsOutput } from "./omnistreams-output.ts"
import { OwnChannels } from "./own-channels.ts"
import { PeerChannels } from "./peer-channels.ts"
import { UnreadItems } from "./unread-items.ts"

const noHost = { left() {}, wanted() {}, cancelled() {} }

/**
 * One-way channels and messages on the v0 wire of omnistreams, as the package of that name speaks it.
 * A session is a transform, from the messages that come to the messages that go; each chunk is one
 * message, so what carries it has to keep their boundaries.
 *
 * Nothing that the peer sends makes it throw: what breaks a rule ends the session, and breaks the
 * transport off, since the wire has no farewell.
 *
 * @throws {RangeError} when a limit is out of its range.
 *
 * @example Two sessions, one channel
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, duplexPair, from } from "@bellmouth/core"
 * import { OmnistreamsSession } from "@bellmouth/mux/omnistreams"
 *
 * const [here, there] = duplexPair<Uint8Array>()
 * const [client, server] = [new OmnistreamsSession(), new OmnistreamsSession()]
 * void here.readable.pipeThrough(client).pipeTo(here.writable)
 * void there.readable.pipeThrough(server).pipeTo(there.writable)
 *
 * const bell = new TextEncoder().encode("bell")
 * void from([bell]).pipeTo(client.open(Uint8Array.of(1)))
 * const { value } = await server.channels.getReader().read()
 * assert.deepEqual(value?.metadata, Uint8Array.of(1))
 * assert.equal(await collectText(value.readable), "bell")
 * await client.close()
 * ```
 */
export class OmnistreamsSession
  implements ReadableWritablePair<Uint8Array, Uint8Array>, AsyncDisposable
{
  /** Messages to the transport. */
  readonly readable: ReadableStream<Uint8Array>
  /** Messages from the transport. It takes them whatever is slow. */
  readonly writable: WritableStream<Uint8Array>
  /** Channels that the peer opened. Cancelling it refuses all further ones. */
  readonly channels: ReadableStream<OmnistreamsChannel>
  /** Messages from the peer, which nothing holds back: read them, or cancel it to drop them. */
  readonly messages: ReadableStream<Uint8Array>
  /**
   * Fulfils after `close`, or when the transport ends with no channel open; rejects with what else ended
   * it. Needs no handling.
   */
  readonly closed: Promise<void>
  readonly #limits: OmnistreamsLimits
  readonly #output: OmnistreamsOutput
  readonly #own: OwnChannels
  readonly #peer: PeerChannels = new PeerChannels()
  readonly #channels: UnreadItems<IncomingChannel>
  readonly #messages: UnreadItems<Uint8Array>
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers()
  #input: WritableStreamDefaultController | undefined
  #unreadBytes = 0
  #state: "open" | "closing" | "over" = "open"

  constructor(options: OmnistreamsOptions = {}) {
    this.#limits = omnistreamsLimits(options)
    this.closed = this.#closed.promise
    this.closed.catch(() => {})
    this.#output = new OmnistreamsOutput((reason) => this.#lost(reason))
    this.#own = new OwnChannels(this.#output, this.#limits.maxMessageBytes, () => this.#onEnded())
    this.readable = fromPull(this.#output)
    this.writable = new WritableStream({
      start: (controller) => {
        this.#input = controller
      },
      write: (message) => this.#receive(message),
      close: () => this.#lost(undefined),
      abort: (reason) => this.#lost(reason),
    })
    this.#channels = new UnreadItems({
      ...noHost,
      left: (channel, isRead) => {
        this.#left(channel.metadata.length)
        if (!isRead) channel.readable.cancel().catch(() => {}) // it may have failed
      },
    })
    this.channels = fromPull(this.#channels)
    this.#messages = new UnreadItems({ ...noHost, left: (item) => this.#left(item.length) })
    this.messages = fromPull(this.#messages)
  }

  /**
   * Opens a channel. A write waits until the peer asks for a chunk; `close()` ends it, `abort()` drops
   * what was not sent and ends it too: the wire has no failure. It fails with `CANCELLED` when the peer
   * reads no more, and with `TOO_LARGE` for a chunk over `maxMessageBytes`.
   *
   * @throws {MuxError} `CLOSED` when the session is closing; `REFUSED` when 256 are open; `TOO_LARGE`.
   */
  open(metadata: Uint8Array = new Uint8Array(0)): WritableStream<Uint8Array> {
    this.#check("open a channel with", metadata, 2)
    return this.#own.open(metadata)
  }

  /**
   * Sends a message; fulfils when the transport takes it. Rejects with `CLOSED`, `TOO_LARGE`, and
   * `REFUSED` when `maxQueuedBytes` wait.
   */
  async send(message: Uint8Array): Promise<void> {
    this.#check("send", message, 1)
    const queued = this.#output.queuedBytes
    if (queued + message.length + FRAME_OVERHEAD_BYTES > this.#limits.maxQueuedBytes) {
      throw new MuxError("REFUSED", `Cannot send a message: ${queued} bytes wait already`)
    }
    await new Promise<void>((resolve, reject) => {
      this.#output.push({ type: "message", payload: message }, resolve, reject)
    })
  }

  /** Takes nothing new, lets what is open come to its end, then ends the session and the transport. */
  close(): Promise<void> {
    if (this.#state === "open") this.#state = "closing"
    this.#onEnded()
    return this.closed
  }

  /** Ends everything now, and breaks the transport off. */
  abort(reason?: unknown): void {
    this.#fail(toMuxError(reason, "INTERNAL", "The session was aborted"))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #receive(message: Uint8Array): void {
    if (this.#state === "over") return
    try {
      if (!(message instanceof Uint8Array)) {
        throw new MuxError("PROTOCOL", `Cannot receive ${typeof message}: want a Uint8Array`)
      }
      this.#handle(message)
    } catch (error) {
      this.#fail(toMuxError(error, "INTERNAL", "The session has failed"))
    }
  }

  #handle(message: Uint8Array): void {
    const { maxItemBytes } = this.#limits
    if (message.length > maxItemBytes) {
      const state = `it has ${message.length} bytes, at most ${maxItemBytes} are taken`
      throw new MuxError("TOO_LARGE", `Cannot receive a message: ${state}`)
    }
    const frame = decodeOmnistreamsFrame(message)
    switch (frame.type) {
      case "open":
        return this.#accept(frame.id, frame.metadata)
      case "data":
        if (!this.#peer.data(frame.id, frame.payload)) return
        return this.#hold(frame.payload.length)
      case "end":
        this.#peer.end(frame.id)
        return this.#onEnded()
      case "cancel":
        return this.#own.find("cancel", frame.id)?.cancelled()
      case "request":
        return this.#own.find("a request", frame.id)?.requested(frame.items)
      case "message":
        if (this.#messages.isOver) return
        this.#hold(frame.payload.length)
        return this.#messages.push(frame.payload)
      default:
        return frame satisfies never
    }
  }

  #accept(id: number, metadata: Uint8Array): void {
    const isFull = this.#channels.length >= this.#limits.maxPendingChannels
    if (this.#state !== "open" || this.#channels.isOver || isFull) {
      this.#peer.refuse(id)
      this.#cancel(id)
      return this.#onEnded()
    }
    const channel: IncomingChannel = new IncomingChannel(metadata, this.#limits.windowItems, {
      request: (items) => {
        if (this.#state !== "over") this.#output.push({ type: "request", id, items })
      },
      cancel: () => {
        if (!this.#peer.cancel(id, channel)) return
        this.#cancel(id)
        this.#onEnded()
      },
      left: (bytes) => this.#left(bytes),
    })
    this.#peer.open(id, channel)
    this.#hold(metadata.length)
    this.#channels.push(channel)
  }

  #cancel(id: number): void {
    this.#output.push({ type: "cancel", id })
    if (this.#output.queuedBytes <= this.#limits.maxQueuedBytes) return
    const state = `more than ${this.#limits.maxQueuedBytes} bytes wait for the transport`
    this.#fail(new MuxError("TOO_LARGE", `Cannot answer the peer: ${state}`))
  }

  #hold(bytes: number): void {
    this.#unreadBytes += bytes + FRAME_OVERHEAD_BYTES
    const { maxBufferedBytes } = this.#limits
    if (this.#unreadBytes <= maxBufferedBytes) return
    throw new MuxError("TOO_LARGE", `Cannot hold more than ${maxBufferedBytes} unread bytes`)
  }

  #left(bytes: number): void {
    this.#unreadBytes -= bytes + FRAME_OVERHEAD_BYTES
  }

  #check(action: string, value: unknown, head: number): void {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`Cannot ${action} ${typeof value}: want a Uint8Array`)
    }
    if (this.#state !== "open") {
      throw new MuxError("CLOSED", `Cannot ${action} bytes: the session is ${this.#state}`)
    }
    const most = this.#limits.maxMessageBytes - head
    if (value.length <= most) return
    const state = `there are ${value.length}, a message takes ${most}`
    throw new MuxError("TOO_LARGE", `Cannot ${action} so many bytes: ${state}`)
  }

  /** A channel has ended: perhaps it was the last. */
  #onEnded(): void {
    if (this.#state !== "closing" || this.#own.size + this.#peer.size > 0) return
    this.#output.close(() => this.#end(undefined))
  }

  /** The transport has ended: with a reason, it was broken off. */
  #lost(reason: unknown): void {
    this.#input = undefined
    if (this.#state === "over") return
    const isIdle = this.#own.size + this.#peer.size === 0
    const error = new MuxError("CONNECTION_LOST", "The transport has ended", { cause: reason })
    const isClean = reason === undefined && isIdle
    this.#output.cut(error, reason === undefined ? undefined : { reason: error })
    this.#end(isClean ? undefined : error)
  }

  #fail(error: MuxError): void {
    if (this.#state === "over") return
    this.#output.cut(error, { reason: error })
    this.#end(error)
  }

  #end(error: MuxError | undefined): void {
    if (this.#state === "over") return
    this.#state = "over"
    this.#own.failAll(error)
    this.#peer.endAll(error)
    this.#channels.end(error)
    this.#messages.end(error)
    if (error === undefined) return this.#closed.resolve() // what still comes is dropped
    this.#input?.error(error)
    this.#closed.reject(error)
  }
}
