import { checkBytes, fromPull } from "@bellmouth/core"
import type { Channel, ChannelHandler, OpenOptions } from "../channel/channel.ts"
import type { ChannelCore } from "../channel/channel-core.ts"
import { type ChannelChunk, ChannelSink } from "../channel/channel-sink.ts"
import { ChannelStreams } from "../channel/channel-streams.ts"
import { checkRequestOptions, type RequestOptions, replyOf } from "../channel/request-client.ts"
import { answerRequest, type RequestHandler } from "../channel/request-server.ts"
import { DirectWritable } from "../streams/direct-writable.ts"
import { ReadySource } from "../streams/ready-source.ts"
import { MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { NOTHING } from "../wire/nothing.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { AcceptedChannels } from "./accepted-channels.ts"
import { encodeHello } from "./hello.ts"
import { KeepAlive } from "./keep-alive.ts"
import { checkLimit, type Limits, limitsOf } from "./limits.ts"
import { MessageSink } from "./message-sink.ts"
import { SessionCore } from "./session-core.ts"
import type { SessionOptions } from "./session-options.ts"
import { SessionOutput } from "./session-output.ts"
import { SessionSink } from "./session-sink.ts"

/**
 * Many channels, requests and messages over one transport. A session is itself a transform, from the
 * bytes that come to the bytes that go; both sides are made alike. It serves one transport.
 *
 * Nothing that the peer sends makes it throw: a peer that breaks a rule is told the code, and the
 * session ends. What one side may hold of the other is bounded by its {@link SessionOptions}.
 *
 * @throws {RangeError} when a limit is out of its range; `TypeError` when `app` is no JSON.
 *
 * @example Two sessions, one request
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { Session } from "@bellmouth/mux"
 *
 * const [here, there] = duplexPair<Uint8Array>()
 * const client = new Session()
 * const server = new Session()
 * void here.readable.pipeThrough(client).pipeTo(here.writable)
 * void there.readable.pipeThrough(server).pipeTo(there.writable)
 *
 * server.handle((body) => body.toReversed())
 * assert.deepEqual(await client.request(new Uint8Array([1, 2])), new Uint8Array([2, 1]))
 * await client.close()
 * ```
 */
export class Session implements ReadableWritablePair<Uint8Array, Uint8Array>, AsyncDisposable {
  /** Bytes to the transport. */
  readonly readable: ReadableStream<Uint8Array>
  /** Bytes from the transport. It takes them whatever is slow. */
  readonly writable: WritableStream<Uint8Array>
  /** What the peer said about itself, once it has. Needs no handling. */
  readonly ready: Promise<PeerHello>
  /** Fulfils after `close` on either side, rejects with what else ended it. Needs no handling. */
  readonly closed: Promise<void>
  /** Channels that the peer opened. Each holds one of `maxChannels` places until it is over. */
  readonly channels: ReadableStream<Channel>
  /** Messages from the peer. Not read, they cost one window, and wait; `cancel` it to drop them. */
  readonly messages: ReadableStream<Uint8Array>
  readonly #cutter = new AbortController()
  /**
   * Aborted when the transport does not end within `closeTimeoutMs`: given to the pipe to it, it breaks
   * off a transport that takes nothing more.
   */
  readonly cut: AbortSignal = this.#cutter.signal
  readonly #limits: Limits
  readonly #core: SessionCore
  readonly #output: SessionOutput
  readonly #accepted: AcceptedChannels<ChannelCore, ChannelStreams<Uint8Array, ChannelChunk>>
  readonly #sends: MessageSink
  readonly #ready: PromiseWithResolvers<PeerHello> = Promise.withResolvers()
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers()
  #input: SessionSink | undefined
  #handler: RequestHandler | undefined
  #keepAlive: KeepAlive | undefined
  #isSent = false
  #stopTimer: () => void = () => {}

  constructor(options: SessionOptions = {}) {
    const limits = limitsOf(options)
    this.#limits = limits
    this.ready = this.#ready.promise
    this.closed = this.#closed.promise
    this.ready.catch(() => {})
    this.closed.catch(() => {})
    const core = new SessionCore(limits, encodeHello(limits, options.app), {
      hello: (peer) => this.#onHello(peer),
      channel: (channel) => this.#accepted.add(channel),
      request: (channel, body) => answerRequest(channel, this.#handler, body),
      output: () => this.#output?.schedule(),
      over: (error) => this.#onOver(error),
    })
    this.#core = core
    this.#output = new SessionOutput(core, () => this.#onSent())
    this.readable = fromPull(this.#output)
    this.#input = new SessionSink({
      receive: (chunk) => {
        this.#keepAlive?.heard()
        core.receive(chunk)
      },
      ended: (reason) => this.#onInputEnd(reason),
    })
    this.writable = new DirectWritable(this.#input)
    this.#accepted = new AcceptedChannels(
      (channel) => new ChannelStreams(channel, new ChannelSink(channel)),
    )
    this.channels = fromPull(this.#accepted.source)
    const source = new ReadySource<Uint8Array>(core.messages)
    this.messages = fromPull(source)
    this.#sends = new MessageSink(core.messages)
    core.messages.user = {
      onNews: () => {
        source.pull()
        this.#sends.advance()
      },
    }
    const { clock, helloTimeoutMs } = limits
    const late = `The peer did not greet for ${helloTimeoutMs} ms`
    this.#stopTimer = clock.schedule(() => this.#timedOut(late), helloTimeoutMs)
  }

  /**
   * Sends a one-way message, which it owns from now on. Fulfils when there is credit for it.
   *
   * Rejects with `CLOSED` when the session is closing, `TOO_LARGE` when the peer does not take so much.
   */
  async send(message: Uint8Array): Promise<void> {
    checkBytes("send", message)
    this.#core.checkOpen("send a message")
    return this.#sends.push(message)
  }

  /**
   * Opens a channel, which can be used at once; it waits when the peer has no room.
   *
   * @throws {MuxError} `CLOSED` when the session is closing; `REFUSED` when `maxPendingOpens` wait.
   *
   * @example A channel and its echo
   * ```ts
   * import assert from "node:assert/strict"
   * import { collectText, duplexPair, from } from "@bellmouth/core"
   * import { connect } from "@bellmouth/mux"
   *
   * const [here, there] = duplexPair<Uint8Array>()
   * const client = connect(here)
   * connect(there).serve((channel) => channel.readable.pipeTo(channel.writable))
   *
   * const channel = client.open(new TextEncoder().encode("echo"))
   * void from([new TextEncoder().encode("hello")]).pipeTo(channel.writable)
   * assert.equal(await collectText(channel.readable), "hello")
   * await client.close()
   * ```
   */
  open(metadata: Uint8Array = NOTHING, options: OpenOptions = {}): Channel {
    const { windowBytes = this.#limits.windowBytes, signal } = options
    checkLimit("windowBytes", windowBytes, 1, MOST)
    checkBytes("open a channel with", metadata)
    signal?.throwIfAborted()
    const core = this.#core.open(metadata, windowBytes, false)
    return new ChannelStreams(core, new ChannelSink(core), signal)
  }

  /**
   * Serves every channel that the peer opens, in place of `channels`. Each holds its place until its
   * handler is done, however soon the peer gives it up; then its writable is closed and its readable
   * cancelled, unless they have ended. What the handler throws fails the writable.
   */
  serve(handler: ChannelHandler): void {
    this.#accepted.serve(handler)
  }

  /**
   * Sends a request, which it owns from now on, and gives its reply, which may be a view of a larger
   * buffer. Rejects with what the peer's handler failed with, `TIMEOUT`, or the signal's reason.
   */
  async request(body: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    checkBytes("request with", body)
    checkRequestOptions(options)
    const core = this.#core.open(body, this.#limits.windowBytes, true)
    core.inbound.isAwaited = () => true
    return replyOf(core, options, this.#limits.clock, NOTHING)
  }

  /** Answers requests, in place of the handler before. Without one they fail with `UNKNOWN_METHOD`. */
  handle(handler: RequestHandler): void {
    this.#handler = handler
  }

  /** Takes nothing new, lets what is open and messages that wait come to their end, then ends. */
  close(): Promise<void> {
    const { messages } = this.#core
    const release = (): void => messages.release()
    messages.hold()
    this.#core.close()
    this.#sends.push([]).then(release, release) // behind the messages that wait
    return this.closed
  }

  /** Ends everything now; the peer is told the code. Fulfils when the transport was told. */
  async abort(reason?: unknown): Promise<void> {
    this.#core.abort(reason, false)
    await this.closed.catch(() => {}) // this is the reason, or what came before it
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onHello(peer: PeerHello): void {
    this.#stopTimer()
    this.#ready.resolve(peer)
    const { clock, idleTimeoutMs } = this.#limits
    if (idleTimeoutMs === 0 && peer.idleTimeoutMs === 0) return
    const host = {
      // What waits for the transport says as much as a ping.
      ping: () => this.#core.isSilent && this.#core.ping(NOTHING),
      idle: () => this.#timedOut(`Nothing came for ${idleTimeoutMs} ms`),
    }
    this.#keepAlive = new KeepAlive(host, clock, idleTimeoutMs, peer.idleTimeoutMs)
  }

  #timedOut(message: string): void {
    this.#core.abort(new MuxError("TIMEOUT", message), true)
  }

  /** What is still to be sent has some time; then both ends are cut. */
  #onOver(error: MuxError | undefined): void {
    this.#stopTimer()
    this.#keepAlive?.stop()
    this.#ready.reject(error ?? new MuxError("CLOSED", "The session was closed"))
    this.#accepted.close(error)
    this.#stopTimer = this.#limits.clock.schedule(() => this.#cut(), this.#limits.closeTimeoutMs)
    this.#output.schedule()
  }

  #onSent(): void {
    this.#isSent = true
    if (this.#input === undefined) this.#stopTimer()
    const { error } = this.#core
    if (error === undefined) this.#closed.resolve()
    else this.#closed.reject(error)
  }

  #onInputEnd(reason: unknown): void {
    this.#core.lost(reason)
    this.#input = undefined
    if (this.#isSent) this.#stopTimer()
  }

  #cut(): void {
    const reason = this.#core.error ?? new MuxError("TIMEOUT", "The transport did not end in time")
    this.#cutter.abort(reason)
    this.#output.fail(reason)
    this.#input?.fail(reason)
    this.#onSent()
  }
}
