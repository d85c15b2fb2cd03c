import type { Transport } from "../transport.ts"
import { createTransport, type TransportOptions } from "./create-transport.ts"
import type { MessagePortLike } from "./message-port-like.ts"
import { UnderlyingMessagePort } from "./underlying-message-port.ts"

/** What {@link messagePortTransport} takes. */
export interface MessagePortTransportOptions extends TransportOptions {
  /**
   * Whether a chunk that fills its buffer is sent by transfer, which detaches it: only where whoever
   * writes keeps neither the chunk nor another view of its buffer. Default false: it is copied, until
   * somebody calls `allowTransfer`, as a session does.
   */
  readonly transfer?: boolean
}

/**
 * Makes a transport of a `MessagePort`, of a `Worker`, or of a worker's own scope (`self`); the peer
 * makes one of the other end. A port has no backpressure and in places no end, so both are sent as
 * messages: the receiver says how many bytes it has taken, and a writer waits while 512 KiB, or 256
 * beside messages of under 4 KiB, are not; `"end"` and `"abort"` end a direction and the connection.
 * A port is started here, and closed when both directions are over, by whichever end hears the last
 * word; a worker is left running.
 *
 * A worker that is terminated takes its end with it without a word: only its owner knows.
 *
 * @throws {TransportError} into both streams: `CONNECTION_LOST`, `BAD_MESSAGE`.
 *
 * @example Two ends of a channel
 * ```ts
 * import assert from "node:assert/strict"
 * import { messagePortTransport } from "@bellmouth/mux/transports"
 *
 * const { port1, port2 } = new MessageChannel()
 * const [here, there] = [messagePortTransport(port1), messagePortTransport(port2)]
 * void there.readable.pipeTo(there.writable)
 * const writer = here.writable.getWriter()
 * void writer.write(new TextEncoder().encode("echo")).then(() => writer.close())
 * assert.equal(await new Response(here.readable).text(), "echo")
 * ```
 */
export function messagePortTransport(
  port: MessagePortLike,
  options: MessagePortTransportOptions = {},
): Transport {
  const underlying = new UnderlyingMessagePort(port, options.transfer ?? false)
  const allowTransfer = (): void => underlying.allowTransfer()
  // Each turn of the event loop costs, which carries a window; beside requests one whole frame.
  const windows = { windowBytes: 524_288, sharedWindowBytes: 65_536 }
  return { ...createTransport(underlying, options), windows, allowTransfer }
}
