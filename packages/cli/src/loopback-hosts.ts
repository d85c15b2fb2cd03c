const loopback = ["localhost", "127.0.0.1", "[::1]"]

/**
 * The names that a request to a server on `hostname` may use, or `undefined` for any.
 *
 * Only a server for this machine knows them all; one that others reach may have names of its own.
 */
export function loopbackHosts(hostname: string): readonly string[] | undefined {
  const isLoopback = loopback.includes(hostname) || hostname === "::1"
  return isLoopback ? loopback : undefined
}
