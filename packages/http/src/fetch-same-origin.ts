import { HttpError } from "./http-error.ts"

/** The smallest part of `fetch` that a client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const maxRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])

/**
 * Fetches and follows redirects inside the origin only, at most 5.
 *
 * A server must not be able to point a client, which may hold credentials and stand in a private
 * network, at another host.
 *
 * @throws {HttpError} `BAD_REDIRECT`
 */
export async function fetchSameOrigin(
  url: string,
  init: RequestInit,
  fetch: Fetch,
): Promise<Response> {
  let target = url
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await fetch(target, { ...init, redirect: "manual" })
    const isHidden = response.type === "opaqueredirect"
    if (!isHidden && !redirects.has(response.status)) return response
    await response.body?.cancel()
    if (isHidden) throw badRedirect(target, response, "this runtime does not show where it leads")
    const header = response.headers.get("location")
    const location = header === null ? null : URL.parse(header, target)
    if (location === null) throw badRedirect(target, response, "it leads nowhere")
    if (location.origin !== new URL(target).origin) {
      throw badRedirect(target, response, `it leads to another origin, ${location.origin}`)
    }
    target = location.href
  }
  throw new HttpError("BAD_REDIRECT", `Cannot read ${url}: more than ${maxRedirects} redirects`)
}

function badRedirect(url: string, response: Response, state: string): HttpError {
  return new HttpError("BAD_REDIRECT", `Cannot follow the redirect from ${url}: ${state}`, {
    status: response.status,
  })
}
