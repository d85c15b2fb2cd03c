import type { IncomingMessage } from "node:http"
import { isIPv6 } from "node:net"
import { AdapterError } from "./adapter-error.ts"

/** What a `Request` is made of besides what `node:http` received. */
export interface ToRequestInit {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined
  readonly signal: AbortSignal
}

/**
 * Makes a standard `Request` of what `node:http` received.
 *
 * @throws {AdapterError} `BAD_REQUEST` when the target or the `Host` header is not a URL's.
 */
export function toRequest(incoming: IncomingMessage, init: ToRequestInit): Request {
  const { body, signal } = init
  return new Request(toUrl(incoming), {
    method: incoming.method ?? "GET",
    headers: toHeaders(incoming),
    signal,
    ...(body === undefined ? {} : { body, duplex: "half" as const }),
  })
}

function toUrl(incoming: IncomingMessage): URL {
  const host = incoming.headers.host ?? ownHost(incoming)
  const path = pathOf(incoming.url ?? "/", host)
  // The host is looked at apart from the path, so that neither can pass for the other.
  const origin = /^[A-Za-z0-9._~:[\]-]+$/.test(host) ? URL.parse(`http://${host}/`) : null
  const url = origin !== null && path.startsWith("/") ? URL.parse(origin.origin + path) : null
  if (url !== null) return url
  throw new AdapterError(
    "BAD_REQUEST",
    "Cannot read the request: its target or Host header is malformed",
  )
}

/** The address that was asked, where HTTP/1.0 says no more: probes of load balancers do. */
function ownHost({ httpVersion, socket }: IncomingMessage): string {
  const { localAddress = "", localPort } = socket
  if (httpVersion !== "1.0" || localPort === undefined) return ""
  return `${isIPv6(localAddress) ? `[${localAddress}]` : localAddress}:${localPort}`
}

/** The path and query of a target; one in absolute form must name the host that `Host` does. */
function pathOf(target: string, host: string): string {
  if (target === "*") return "/"
  const prefix = `http://${host}`
  if (!target.toLowerCase().startsWith(prefix.toLowerCase())) return target
  const path = target.slice(prefix.length)
  return path === "" || path.startsWith("?") ? `/${path}` : path
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
