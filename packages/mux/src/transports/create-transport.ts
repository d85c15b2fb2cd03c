import { checkLimit, fromPush } from "@bellmouth/core"
import { DirectWritable } from "../streams/direct-writable.ts"
import type { Transport } from "../transport.ts"
import { Connection } from "./connection.ts"
import type { UnderlyingTransport } from "./underlying-transport.ts"

/** Limits of what has come and was not read. */
export interface TransportOptions {
  /** From this many unread bytes on, the connection is paused where it can be. Default 256 KiB. */
  readonly pauseBytes?: number
  /**
   * The most unread bytes, each message counted with 256 more; past it the
   * connection is broken off and the readable fails with core's `OVERFLOW`. Default 16 MiB.
   */
  readonly maxQueuedBytes?: number
}

/** What a queued message is taken to cost besides its bytes, so that tiny ones have a price. */
const MESSAGE_OVERHEAD_BYTES = 256

/**
 * Makes a transport of what a platform's connection can.
 *
 * Bytes arrive in order. `writable.close()` ends our direction behind what was written; `abort()`
 * breaks the connection off in both. `readable.cancel()` discards what still comes and says nothing
 * to the peer, so that the writable can still end in good order; once that has ended too the
 * connection is released. A lost connection fails the writable at once and the readable after what
 * came before. The transport owns a chunk from `write()` on: it may be sent later than the call.
 *
 * @throws {RangeError} for limits out of order, and what `start` throws.
 *
 * @example A transport over a callback
 * ```ts
 * import assert from "node:assert/strict"
 * import { createTransport } from "@bellmouth/mux/transports"
 *
 * const sent: number[] = []
 * const { readable, writable } = createTransport({
 *   halfClose: false,
 *   start: (controller) => controller.enqueue(new Uint8Array([7])),
 *   write: (bytes) => sent.push(...bytes) < 1024,
 *   close: () => {},
 *   abort: () => {},
 *   release: () => {},
 * })
 * const writer = writable.getWriter()
 * await writer.write(new Uint8Array([1, 2]))
 * assert.deepEqual(sent, [1, 2])
 * assert.deepEqual(await readable.getReader().read(), { done: false, value: new Uint8Array([7]) })
 * await writer.close()
 * ```
 */
export function createTransport(
  underlying: UnderlyingTransport,
  options: TransportOptions = {},
): Transport {
  const { pauseBytes = 256 * 1024, maxQueuedBytes = 16 * 1024 * 1024 } = options
  checkLimit("maxMessageBytes", underlying.maxMessageBytes ?? Infinity)
  const connection = new Connection(underlying)
  const readable = fromPush<Uint8Array>(
    {
      start: (input) => connection.readInto(input),
      pause: () => underlying.pause?.(),
      resume: () => underlying.resume?.(),
      stop: (reason) => connection.stopReading(reason),
    },
    {
      highWaterMark: pauseBytes,
      maxQueued: maxQueuedBytes,
      size: (bytes) => bytes.length + MESSAGE_OVERHEAD_BYTES,
    },
  )
  return { readable, writable: new DirectWritable(connection) }
}
