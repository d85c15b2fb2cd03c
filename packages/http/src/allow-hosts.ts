/**
 * Makes an `authorize` hook that lets a request pass only when it was sent to one of these hosts.
 *
 * A server on this machine needs it: else any web page can point a name of its own at 127.0.0.1 and
 * read what is served there (DNS rebinding). A host is compared without its port, and in the form
 * that URLs have: lower case, IPv6 in brackets.
 *
 * @example A server for this machine only
 * ```ts
 * import assert from "node:assert/strict"
 * import { allowHosts } from "@bellmouth/http"
 *
 * const authorize = allowHosts(["localhost", "127.0.0.1", "[::1]"])
 * assert(authorize(new Request("http://localhost:4437/events")))
 * assert(!authorize(new Request("http://rebound.example:4437/events")))
 * ```
 */
export function allowHosts(hosts: readonly string[]): (request: Request) => boolean {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()))
  return (request) => allowed.has(new URL(request.url).hostname)
}
