import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type BrowserRoute, launchChromium } from "../chromium.ts"
import { callMain, type Runtime, readOutput } from "./runtime.ts"

const ORIGIN = "http://localhost"

/** A page in a real Chromium, isolated so that its clock has a fine grain. */
export const chromium: Runtime = {
  name: "chromium",
  async version() {
    const browser = await launchChromium()
    try {
      return browser.version()
    } finally {
      await browser.close()
    }
  },
  async run(folder, options = {}) {
    const { timeoutMs = 300_000 } = options
    const browser = await launchChromium()
    const lines: string[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      const page = await browser.newPage()
      page.on("console", (message) => lines.push(message.text()))
      page.on("pageerror", (error) => lines.push(`Uncaught ${error.stack ?? error.message}`))
      await page.route("**/*", (route) => answer(route, folder))
      await page.goto(`${ORIGIN}/`)
      const run = page.evaluate<string>(`(async () => {
        try {
          const { main } = await import("/module.mjs")
          ${callMain(options)}
          return ""
        } catch (error) {
          return String(error?.stack ?? error)
        }
      })()`)
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`Stopped after ${timeoutMs} ms`), timeoutMs)
      })
      const fault = await Promise.race([run, late])
      const uncaught = lines.some((line) => line.startsWith("Uncaught "))
      return readOutput(fault === "" && !uncaught ? 0 : 1, [...lines, fault].join("\n"))
    } finally {
      clearTimeout(timer)
      await browser.close()
    }
  },
}

function answer(route: BrowserRoute, folder: string): Promise<void> {
  const { pathname } = new URL(route.request().url())
  const headers = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  }
  if (pathname === "/module.mjs") {
    const body = readFileSync(join(folder, "module.mjs"), "utf8")
    return route.fulfill({
      status: 200,
      headers: { ...headers, "content-type": "text/javascript; charset=utf-8" },
      body,
    })
  }
  const status = pathname === "/" ? 200 : 404
  const type = { ...headers, "content-type": "text/html; charset=utf-8" }
  return route.fulfill({ status, headers: type, body: "<!doctype html><title>Bellmouth</title>" })
}
