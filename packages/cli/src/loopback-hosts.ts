import { lookup } from "node:dns/promises"
import { isIPv4, isIPv6 } from "node:net"

/** Gives the address that a server on `hostname` listens on. */
export type Resolve = (hostname: string) => Promise<{ readonly address: string }>

const loopback = ["localhost", "127.0.0.1", "[::1]"]

/**
 * The names that a request to a server on `hostname` may use, or `undefined` for any.
 *
 * Only a server for this machine knows them all; one that others reach may have names of its own.
 */
export async function loopbackHosts(
  hostname: string,
  resolve: Resolve = lookup,
): Promise<readonly string[] | undefined> {
  // A name that is not known is told by who tries to listen on it.
  const found = await resolve(hostname).catch(() => undefined)
  const [host, address] = [hostOf(hostname), hostOf(found?.address ?? "")]
  if (host === undefined || address === undefined) return undefined
  const isOfThisMachine =
    loopback.includes(address) ||
    address.startsWith("[::ffff:7f") ||
    (isIPv4(address) && address.startsWith("127."))
  return isOfThisMachine ? [...new Set([...loopback, host])] : undefined
}

/** A name or an address as a request's URL has it, whatever way it was written. */
function hostOf(hostname: string): string | undefined {
  return URL.parse(`http://${isIPv6(hostname) ? `[${hostname}]` : hostname}`)?.hostname
}
