import { checkUnlocked } from "./check-unlocked.ts"
import { Session } from "./session/session.ts"
import type { SessionOptions } from "./session/session-options.ts"
import type { Transport } from "./transport.ts"

/**
 * Runs a session over a transport, which it owns from now on. Both sides call it. When the session
 * ends, `transport.writable` is closed, and `transport.readable` cancelled if it does not end soon.
 *
 * @throws {TypeError} when an end of the transport is locked; what `new Session` throws.
 *
 * @example A message
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 *
 * const [here, there] = duplexPair<Uint8Array>()
 * const client = connect(here)
 * const server = connect(there)
 * await client.send(new Uint8Array([7]))
 * const { value } = await server.messages.getReader().read()
 * assert.deepEqual(value, new Uint8Array([7]))
 * await client.close()
 * ```
 */
export function connect(transport: Transport, options: SessionOptions = {}): Session {
  checkUnlocked(transport)
  const wanted = options.isByteStream ?? transport.isByteStream ?? false
  const isByteStream = wanted && transport.isByteStream !== false
  const session = new Session({ ...transport.windows, ...options, isByteStream })
  // In a byte stream large payloads are the buffers of whoever wrote them, perhaps twice.
  if (!isByteStream) transport.allowTransfer?.()
  // Whatever ends these pipes ends the session, which tells.
  transport.readable.pipeTo(session.writable).catch(() => {})
  session.readable.pipeTo(transport.writable, { signal: session.cut }).catch(() => {})
  return session
}
