import type { ChannelChunk } from "./channel-sink.ts"

/** Options of `Session.open`. */
export interface OpenOptions {
  /**
   * The window of this channel's readable, in bytes. Default: the session's `windowBytes`; one of less
   * does not grow, so that 1 asks for one item at a time.
   */
  readonly windowBytes?: number
  /** Aborting it cancels and aborts both directions with its reason. */
  readonly signal?: AbortSignal
}

/**
 * One of many connections within a session: two directions that flow, end and fail on their own.
 *
 * Each chunk arrives as it was written. The peer sends only as much as the window allows, and gets
 * credit when the application takes a chunk, so a channel that nobody reads costs the window and one
 * frame, and delays no other.
 */
export interface Channel {
  /**
   * Chunks from the peer. `cancel(reason)` asks the peer to stop. It closes when the peer closes its
   * writable, and fails with a `MuxError` when the peer aborts it.
   */
  readonly readable: ReadableStream<Uint8Array>
  /**
   * Chunks to the peer, which own them from `write` on; an array is several chunks in one write. A
   * write resolves while there is credit. `close()` resolves when all is handed to the transport;
   * `abort(reason)` drops what was not. It fails with a `MuxError` when the peer cancels its readable.
   */
  readonly writable: WritableStream<ChannelChunk>
  /** What the opener gave to `open`. */
  readonly metadata: Uint8Array
  /** Its number: positive when opened here, negative by the peer; undefined while it waits to open. */
  readonly id: number | undefined
  /**
   * Fulfils when both directions have ended, so that the peer has done with it; rejects with what
   * ended one of them early. Needs no handling. A handler given to `serve` must not wait for it: the
   * channel ends after the handler.
   */
  readonly finished: Promise<void>
  /** Aborted with the reason when the peer cancels, aborts, or is lost. */
  readonly signal: AbortSignal
  /** Fails the writable once what was written has been delivered, where `abort` drops it. */
  fail(reason: unknown): void
  /** Holds the channel's place among the peer's `maxChannels` until `work` has settled. */
  waitUntil(work: PromiseLike<unknown>): void
}

/** Serves one channel. Its place is held until this is done; what is left open then is ended. */
export type ChannelHandler = (channel: Channel) => void | PromiseLike<void>
