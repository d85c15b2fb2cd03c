import type { IncomingMessage } from "node:http"
import { AdapterError } from "./adapter-error.ts"
import { fromNodeReadable } from "./from-node-readable.ts"

/**
 * Makes a standard `Request` of what `node:http` received. The body is pulled, never buffered.
 *
 * @throws {AdapterError} `BAD_REQUEST` when the target or the `Host` header is not a URL's.
 */
export function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const method = incoming.method ?? "GET"
  const hasBody = method !== "GET" && method !== "HEAD"
  return new Request(toUrl(incoming), {
    method,
    headers: toHeaders(incoming),
    signal,
    ...(hasBody ? { body: fromNodeReadable(incoming), duplex: "half" as const } : {}),
  })
}

function toUrl(incoming: IncomingMessage): URL {
  const target = incoming.url ?? "/"
  const host = incoming.headers.host ?? ""
  const path = target === "*" ? "/" : target
  // The host is looked at apart from the path, so that neither can pass for the other.
  const origin = /^[A-Za-z0-9._~:[\]-]+$/.test(host) ? URL.parse(`http://${host}/`) : null
  const url = origin !== null && path.startsWith("/") ? URL.parse(origin.origin + path) : null
  if (url !== null) return url
  throw new AdapterError(
    "BAD_REQUEST",
    "Cannot read the request: its target or Host header is malformed",
  )
}

function toHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  try {
    for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
      headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "")
    }
  } catch (cause) {
    throw new AdapterError("BAD_REQUEST", "Cannot read the request: a header is malformed", {
      cause,
    })
  }
  return headers
}
