/**
 * Why a transport failed.
 *
 * - `CONNECT_FAILED`: the connection could not be made.
 * - `CONNECTION_LOST`: it ended without the closing handshake, or the peer broke it off.
 * - `CLOSED`: a write came after the peer had closed a connection that ends in both directions at once.
 * - `BAD_MESSAGE`: the peer sent something that is not bytes.
 */
export type TransportErrorCode = "CONNECT_FAILED" | "CONNECTION_LOST" | "CLOSED" | "BAD_MESSAGE"

/** The cause and the fields of a {@link TransportError}. */
export interface TransportErrorOptions extends ErrorOptions {
  readonly closeCode?: number | undefined
  readonly closeReason?: string | undefined
}

/**
 * The error of every fault that a transport itself finds. Codes are stable, messages are not.
 *
 * @example A transport whose peer is gone
 * ```ts
 * import assert from "node:assert/strict"
 * import { messagePortTransport, TransportError } from "@bellmouth/mux/transports"
 *
 * const { port1, port2 } = new MessageChannel()
 * const transport = messagePortTransport(port1)
 * messagePortTransport(port2).writable.abort()
 * const error = await transport.readable.getReader().read().catch((reason) => reason)
 * assert(error instanceof TransportError && error.code === "CONNECTION_LOST")
 * ```
 */
export class TransportError extends Error {
  override readonly name = "TransportError"
  readonly code: TransportErrorCode
  /** The close code of a WebSocket, where there was one. */
  readonly closeCode: number | undefined
  /** The peer's own words for it, where there were any: untrusted text. */
  readonly closeReason: string | undefined

  constructor(code: TransportErrorCode, message: string, options: TransportErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.closeCode = options.closeCode
    this.closeReason = options.closeReason
  }
}

/** The connection ended without its closing handshake. */
export function connectionLost(how: string, options: TransportErrorOptions = {}): TransportError {
  const message = `Cannot go on: the connection is lost, ${how}; connect again`
  return new TransportError("CONNECTION_LOST", message, options)
}

/** The peer sent what is not bytes. */
export function badMessage(what: string): TransportError {
  return new TransportError(
    "BAD_MESSAGE",
    `Cannot read ${what}: the peer must send binary messages`,
  )
}
