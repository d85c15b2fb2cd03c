import type { Channel, OpenOptions } from "./channel.ts"
import { MuxError } from "./mux-error.ts"
import type { PeerHello } from "./peer-hello.ts"
import type { SessionOptions } from "./session-options.ts"

/** Options of `Session.request`. */
export interface RequestOptions {
  /** Aborting it cancels the request and rejects with its reason. */
  readonly signal?: AbortSignal
  /** Rejects with `TIMEOUT` after so many milliseconds, and cancels. Default: none. */
  readonly timeoutMs?: number
}

/** What a request's handler is handed. */
export interface RequestContext {
  /** Aborted when the peer cancels or is lost. */
  readonly signal: AbortSignal
}

/** Answers one request. What it throws reaches the peer as a code, and a `MuxError`'s message. */
export type RequestHandler = (
  body: Uint8Array,
  context: RequestContext,
) => Uint8Array | PromiseLike<Uint8Array>

/** Serves one channel. Its place is held until this has returned. */
export type ChannelHandler = (channel: Channel) => void | PromiseLike<void>

const unready = (): never => {
  throw new MuxError("INTERNAL", "Cannot use a session: it is being built")
}

/** Many channels, requests and messages over one transport. */
export class Session implements ReadableWritablePair<Uint8Array, Uint8Array>, AsyncDisposable {
  /** Bytes to the transport. */
  readonly readable: ReadableStream<Uint8Array>
  /** Bytes from the transport. */
  readonly writable: WritableStream<Uint8Array>
  /** What the peer said about itself, once it has. Needs no handling. */
  readonly ready: Promise<PeerHello>
  /** Fulfils after `close` on either side, rejects with what else ended it. Needs no handling. */
  readonly closed: Promise<void>
  /** Channels that the peer opened. */
  readonly channels: ReadableStream<Channel>
  /** Messages from the peer. */
  readonly messages: ReadableStream<Uint8Array>

  constructor(_options: SessionOptions = {}) {
    this.readable = new ReadableStream()
    this.writable = new WritableStream()
    this.ready = Promise.resolve().then(unready)
    this.closed = Promise.resolve().then(unready)
    this.channels = new ReadableStream()
    this.messages = new ReadableStream()
  }

  /** Sends a one-way message; resolves when there is credit for it. */
  send(_message: Uint8Array): Promise<void> {
    return unready()
  }

  /** Opens a channel; it is usable at once. */
  open(_metadata?: Uint8Array, _options?: OpenOptions): Channel {
    return unready()
  }

  /** Serves every channel that the peer opens, in place of reading `channels`. */
  serve(_handler: ChannelHandler): void {
    unready()
  }

  /** Sends a request, gives its reply. */
  request(_body: Uint8Array, _options?: RequestOptions): Promise<Uint8Array> {
    return unready()
  }

  /** Answers requests, in place of the handler before. */
  handle(_handler: RequestHandler): void {
    unready()
  }

  /** Takes no more, lets what is open end, then ends the session. */
  close(): Promise<void> {
    return unready()
  }

  /** Ends everything now; the peer is told the code. */
  abort(_reason?: unknown): Promise<void> {
    return unready()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
