import type { Transport } from "./transport.ts"

/**
 * Pipes would only reject, and the session wait for a peer that it can not reach.
 *
 * @throws {TypeError} when an end of the transport is locked.
 */
export function checkUnlocked({ readable, writable }: Transport): void {
  if (!readable.locked && !writable.locked) return
  const which = readable.locked ? "readable" : "writable"
  throw new TypeError(`Cannot use a transport: its ${which} is locked; each session needs its own`)
}
