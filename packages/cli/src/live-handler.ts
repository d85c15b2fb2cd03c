import { readdir, readFile } from "node:fs/promises"
import { allowHosts, createLogHandler, type ReadableLog } from "@bellmouth/http"

/** What `createLiveHandler` takes. */
export interface LiveHandlerOptions {
  /** What the page calls the log. Default "log". */
  readonly title?: string
  /** The hosts that a request may be sent to (see `allowHosts`). Default: any. */
  readonly hosts?: readonly string[]
  /** Called with what is answered as 500 without its message. Default `console.error`. */
  readonly onError?: (error: unknown) => void
}

interface Asset {
  readonly type: string
  readonly body: string
}

/** Both the sources and what is built of them stand one folder below the package's. */
const markup = new URL("../src/page/", import.meta.url)
const scripts = new URL("../dist/page/", import.meta.url)

const pageHeaders = {
  // The page shows what others wrote: it may run nothing and load nothing but its own files.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
}

/**
 * Serves a log at `/events` and, at `/`, a page that shows it live.
 *
 * The page follows the log with a plain `EventSource`, keeps the last 500 records, and takes every
 * record for text. Its files are read once, here.
 *
 * @example Serve an in-memory log with its page
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog } from "@bellmouth/log"
 * import { createLiveHandler } from "bellmouth"
 *
 * const handle = await createLiveHandler(createMemoryLog(), { title: "orders" })
 * const page = await handle(new Request("http://localhost/"))
 * assert.match(await page.text(), /<title>orders/)
 * ```
 */
export async function createLiveHandler(
  log: ReadableLog,
  options: LiveHandlerOptions = {},
): Promise<(request: Request) => Promise<Response>> {
  const { title = "log", hosts, onError } = options
  const assets = await loadAssets(title)
  const authorize = hosts === undefined ? () => true : allowHosts(hosts)
  const events = createLogHandler(log, { authorize, ...(onError ? { onError } : {}) })
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === "/events") return events(request)
    if (!authorize(request)) {
      return answer(403, `Forbidden: this log is served under these names: ${hosts?.join(", ")}\n`)
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answer(405, "Method not allowed\n", { allow: "GET, HEAD" })
    }
    const asset = assets.get(pathname)
    if (asset === undefined) return answer(404, "Not found\n")
    return new Response(asset.body, { headers: { ...pageHeaders, "content-type": asset.type } })
  }
}

async function loadAssets(title: string): Promise<ReadonlyMap<string, Asset>> {
  const template = await readFile(new URL("index.html", markup), "utf8")
  // By a function: in a text that replaces, a $ would mean something.
  const html = template.replaceAll("{{title}}", () => escapeHtml(title))
  const assets = new Map<string, Asset>([
    ["/", { type: "text/html; charset=utf-8", body: html }],
    ["/live.css", await asset(new URL("live.css", markup), "text/css; charset=utf-8")],
    ["/mark.svg", await asset(new URL("mark.svg", markup), "image/svg+xml")],
  ])
  for (const name of await readdir(scripts)) {
    if (!name.endsWith(".js")) continue
    const script = await asset(new URL(name, scripts), "text/javascript; charset=utf-8")
    assets.set(`/page/${name}`, script)
  }
  return assets
}

async function asset(url: URL, type: string): Promise<Asset> {
  return { type, body: await readFile(url, "utf8") }
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: { ...pageHeaders, ...headers, "content-type": "text/plain; charset=utf-8" },
  })
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
