import { fromPull } from "@bellmouth/core"
import { ChannelStreams } from "../channel/channel-streams.ts"
import { checkRequestOptions, type RequestOptions, replyOf } from "../channel/request-client.ts"
import { answerRequest } from "../channel/request-server.ts"
import { AcceptedChannels } from "../session/accepted-channels.ts"
import { checkLimit } from "../session/limits.ts"
import type { MessagePortLike } from "../transports/message-port-like.ts"
import { GOAWAY, MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { toMuxError } from "../wire/wire-reason.ts"
import type { ObjectChannel, ObjectChannelHandler, OpenObjectOptions } from "./object-channel.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"
import { ObjectPort } from "./object-port.ts"
import type { ObjectRequestHandler } from "./object-request-handler.ts"
import { ObjectSessionCore } from "./object-session-core.ts"
import type { ObjectLimits } from "./object-session-options.ts"
import { ObjectSink } from "./object-sink.ts"

/**
 * Many channels and requests of structured-clone values over one port; made by `connectObjects`.
 * Nothing that the peer sends makes it throw: a peer that breaks a rule is told the code, and the
 * session ends.
 *
 * @example A request that fails
 * ```ts
 * import assert from "node:assert/strict"
 * import { MuxError } from "@bellmouth/mux"
 * import { connectObjects, type ObjectSession } from "@bellmouth/mux/objects"
 *
 * const { port1, port2 } = new MessageChannel()
 * const client: ObjectSession = connectObjects(port1)
 * connectObjects(port2).handle((value) => {
 *   throw new MuxError("REFUSED", `Not ${value}`)
 * })
 * await assert.rejects(client.request("now"), { code: "REFUSED", message: "Not now" })
 * await client.close()
 * ```
 */
export class ObjectSession implements AsyncDisposable {
  /** Fulfils when the peer has greeted. Needs no handling. */
  readonly ready: Promise<void>
  /** Fulfils after `close` on either side, rejects with what else ended it. Needs no handling. */
  readonly closed: Promise<void>
  /** Channels that the peer opened. Each holds one of `maxChannels` places until it is over. */
  readonly channels: ReadableStream<ObjectChannel>
  readonly #limits: ObjectLimits
  readonly #port: ObjectPort
  readonly #core: ObjectSessionCore
  readonly #accepted = new AcceptedChannels(
    (core: ObjectChannelCore) => new ChannelStreams(core, new ObjectSink(core)),
  )
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers()
  #handler: ObjectRequestHandler | undefined
  #stopTimer: () => void

  /** @internal */
  constructor(port: MessagePortLike, limits: ObjectLimits) {
    this.#limits = limits
    this.ready = this.#ready.promise
    this.closed = this.#closed.promise
    this.ready.catch(() => {})
    this.closed.catch(() => {})
    this.channels = fromPull(this.#accepted.source)
    this.#port = new ObjectPort(port, {
      message: (data) => this.#onMessage(data),
      unreadable: () => this.#fail("PROTOCOL", "A message has come that can not be decoded here"),
      lost: (how, options) => this.#onLost(how, options),
    })
    this.#core = new ObjectSessionCore(limits, {
      post: (frame, list) => this.#port.post(frame, list),
      greeted: () => this.#onGreeted(),
      channel: (channel) => {
        channel.hold()
        this.#accepted.add(channel)
      },
      request: (channel) => {
        channel.hold()
        answerRequest(channel, this.#handler, channel.metadata)
      },
      over: (error, told) => this.#onOver(error, told),
    })
    const late = `The peer did not greet within ${limits.helloTimeoutMs} ms`
    this.#stopTimer = limits.clock.schedule(
      () => this.#fail("TIMEOUT", late),
      limits.helloTimeoutMs,
    )
    this.#port.start()
    this.#core.start()
  }

  /**
   * Opens a channel, which can be used at once; it waits when the peer has no room. `metadata` that
   * can not be cloned fails the channel with a `TypeError`.
   *
   * @throws {MuxError} `CLOSED` when the session is closing; `REFUSED` when `maxPendingOpens` wait.
   */
  open(metadata?: unknown, options: OpenObjectOptions = {}): ObjectChannel {
    const { windowItems = this.#limits.windowItems, signal } = options
    checkLimit("windowItems", windowItems, 1, MOST)
    signal?.throwIfAborted()
    const core = this.#core.open(metadata, windowItems, false)
    return new ChannelStreams(core, new ObjectSink(core), signal)
  }

  /** Serves every channel that the peer opens, in place of `channels`; each holds its place meanwhile. */
  serve(handler: ObjectChannelHandler): void {
    this.#accepted.serve(handler)
  }

  /**
   * Sends a request, and gives its reply. Rejects with what the peer's handler failed with, `TIMEOUT`,
   * the signal's reason, or a `TypeError` for what can not be cloned.
   */
  async request(value: unknown, options: RequestOptions = {}): Promise<unknown> {
    checkRequestOptions(options)
    const channel = this.#core.open(value, 1, true)
    const { clock } = this.#limits
    return (await replyOf(channel, options, clock, { chunk: undefined })).chunk
  }

  /** Answers requests, in place of the handler before. Without one they fail with `UNKNOWN_METHOD`. */
  handle(handler: ObjectRequestHandler): void {
    this.#handler = handler
  }

  /** Takes nothing new, lets what is open come to its end, then ends the session and its port. */
  close(): Promise<void> {
    this.#core.close()
    return this.closed
  }

  /** Ends everything now; the peer is told the code. */
  async abort(reason?: unknown): Promise<void> {
    this.#core.fail(toMuxError(reason, "INTERNAL", "The session was aborted"), false)
    await this.closed.catch(() => {}) // this is the reason, or what came before it
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #fail(code: "PROTOCOL" | "TIMEOUT", message: string): void {
    this.#core.fail(new MuxError(code, message), true)
  }

  #onGreeted(): void {
    this.#stopTimer()
    this.#ready.resolve()
  }

  #onMessage(data: unknown): void {
    if (!this.#core.isOver) return this.#core.receive(data)
    // What has crossed our end is not wanted any more; theirs says that the port can be closed.
    const isGoodbye = Array.isArray(data) && data[0] === GOAWAY && data[4] !== 0
    if (data === "end" || isGoodbye) this.#release(true)
  }

  #onLost(how: string, options: ErrorOptions): void {
    this.#core.lost(how, options)
    this.#release(true)
  }

  #onOver(error: MuxError | undefined, told: boolean): void {
    this.#stopTimer()
    this.#ready.reject(error ?? new MuxError("CLOSED", "The session was closed"))
    this.#accepted.close(error)
    if (error !== undefined) this.#closed.reject(error)
    if (told) return this.#release(false)
    const { clock, closeTimeoutMs } = this.#limits
    this.#stopTimer = clock.schedule(() => this.#release(true), closeTimeoutMs)
  }

  #release(closes: boolean): void {
    this.#stopTimer()
    this.#port.release(closes)
    this.#closed.resolve()
  }
}
