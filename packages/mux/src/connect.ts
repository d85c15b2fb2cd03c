import { Session } from "./session.ts"
import type { SessionOptions } from "./session-options.ts"
import type { Transport } from "./transport.ts"

/** Runs a session over a transport, which it owns from now on. Both sides call it. */
export function connect(transport: Transport, options: SessionOptions = {}): Session {
  const { isByteStream = false } = transport
  const session = new Session({ isByteStream, ...options })
  // Whatever ends these pipes ends the session, which tells.
  transport.readable.pipeTo(session.writable).catch(() => {})
  session.readable.pipeTo(transport.writable).catch(() => {})
  return session
}
