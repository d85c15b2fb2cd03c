import { checkUnlocked } from "../check-unlocked.ts"
import type { Transport } from "../transport.ts"
import type { OmnistreamsOptions } from "./omnistreams-options.ts"
import { OmnistreamsSession } from "./omnistreams-session.ts"

/**
 * Speaks the v0 wire of omnistreams over a transport of messages, which it owns from now on: over a
 * WebSocket, with the published package at the other end.
 *
 * @throws {TypeError} when the transport is a byte stream, which does not keep messages apart, or an end
 * of it is locked; `RangeError` when a limit is out of its range.
 *
 * @example A message
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { omnistreams } from "@bellmouth/mux/omnistreams"
 *
 * const [here, there] = duplexPair<Uint8Array>()
 * const [client, server] = [omnistreams(here), omnistreams(there)]
 * await client.send(Uint8Array.of(7))
 * const { value } = await server.messages.getReader().read()
 * assert.deepEqual(value, Uint8Array.of(7))
 * await client.close()
 * ```
 */
export function omnistreams(
  transport: Transport,
  options: OmnistreamsOptions = {},
): OmnistreamsSession {
  if (transport.isByteStream === true) {
    throw new TypeError("Cannot speak omnistreams over a byte stream: want a transport of messages")
  }
  checkUnlocked(transport)
  const session = new OmnistreamsSession(options)
  // Whatever ends these pipes ends the session, which tells.
  transport.readable.pipeTo(session.writable).catch(() => {})
  session.readable.pipeTo(transport.writable).catch(() => {})
  return session
}
