import { isIPv4, isIPv6 } from "node:net"

const loopback = ["localhost", "127.0.0.1", "[::1]"]

/**
 * The names that a request to a server on `hostname` may use, or `undefined` for any.
 *
 * Only a server for this machine knows them all; one that others reach may have names of its own.
 */
export function loopbackHosts(hostname: string): readonly string[] | undefined {
  // As a request's URL has it, whatever way it was written.
  const host = URL.parse(`http://${isIPv6(hostname) ? `[${hostname}]` : hostname}`)?.hostname
  if (host === undefined) return undefined
  const isOfThisMachine =
    loopback.includes(host) ||
    host.startsWith("[::ffff:7f") ||
    (isIPv4(host) && host.startsWith("127."))
  return isOfThisMachine ? [...new Set([...loopback, host])] : undefined
}
