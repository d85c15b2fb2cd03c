import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress } from "node:zlib"
import { runCommand } from "./command.ts"
import { bringDebian, findProgram } from "./debian.ts"
import { installRuntimes, requireRuntime, runtimeFile } from "./runtimes/install.ts"
import { ROOT } from "./source-tree.ts"
import { withLock } from "./with-lock.ts"

/** What is used of a Playwright page. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>
  evaluate<T>(expression: string): Promise<T>
  waitForFunction(
    expression: string,
    arg?: unknown,
    options?: { timeout: number },
  ): Promise<unknown>
  click(selector: string): Promise<void>
  fill(selector: string, value: string): Promise<void>
  textContent(selector: string): Promise<string | null>
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>
  setViewportSize(size: { width: number; height: number }): Promise<void>
  reload(): Promise<unknown>
  on(event: "console", listener: (message: { text(): string; type(): string }) => void): unknown
  on(event: "pageerror", listener: (error: Error) => void): unknown
  route(url: string, handler: (route: BrowserRoute) => Promise<void>): Promise<unknown>
  setDefaultTimeout(timeoutMs: number): void
  close(): Promise<void>
}

/** A request that a test answers itself. */
export interface BrowserRoute {
  request(): { url(): string }
  fulfill(response: {
    status: number
    headers: Readonly<Record<string, string>>
    body: string
  }): Promise<void>
}

/** What is used of a Playwright browser. */
export interface Browser {
  version(): string
  newPage(): Promise<BrowserPage>
  close(): Promise<void>
}

interface Playwright {
  readonly chromium: { launch(options: unknown): Promise<Browser> }
}

/**
 * Starts a real, headless Chromium: the one of the runtimes' project where it has one for this
 * machine, else the machine's own or Debian's. The caller closes it.
 *
 * @throws {Error} when none can be had or it does not start.
 */
export async function launchChromium(): Promise<Browser> {
  await installRuntimes()
  const { path, env } = await withLock("chromium", chromiumProgram)
  const { chromium } = requireRuntime("playwright-core") as Playwright
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    headless: true,
    // Only pages of this project are opened, and containers seldom allow the sandbox.
    chromiumSandbox: false,
    args: [
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Pages that a test makes up have no address, so a server on this machine is out of their reach.
      "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
      "--no-first-run",
      "--js-flags=--expose-gc",
    ],
  })
}

interface Program {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

async function chromiumProgram(): Promise<Program> {
  const packed = runtimeFile("@sparticuz/chromium", "bin")
  if (process.platform !== "linux" || process.arch !== "x64") {
    const own = findProgram("chromium")
    if (own !== undefined) return { path: own, env: {} }
    // The program itself: the script that Debian puts before it wants its settings in /etc.
    const { root, env } = await bringDebian(["chromium"])
    const fonts = writeFontSettings(join(root, "usr/share/fonts"))
    return {
      path: join(root, "usr/lib/chromium/chromium"),
      env: { ...env, FONTCONFIG_FILE: fonts },
    }
  }
  const { version } = requireRuntime("./node_modules/@sparticuz/chromium/package.json") as {
    version: string
  }
  const folder = join(ROOT, ".cache/chromium", version)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, "chromium")
  if (!existsSync(path)) {
    const part = `${path}.part`
    await inflate(join(packed, "chromium.br"), part)
    chmodSync(part, 0o755)
    renameSync(part, path)
  }
  const fonts = join(await unpack(packed, "fonts", folder), "fonts")
  const env: Record<string, string> = { FONTCONFIG_FILE: writeFontSettings(fonts) }
  if ((await runCommand("ldd", [path])).output.includes("not found")) {
    env["LD_LIBRARY_PATH"] = join(await unpack(packed, "al2023", folder), "lib")
  }
  return { path, env }
}

/** Without a single font Chromium crashes, so it gets some of its own beside the machine's. */
function writeFontSettings(fonts: string): string {
  const folder = join(ROOT, ".cache/chromium")
  mkdirSync(folder, { recursive: true })
  const file = join(folder, "fonts.conf")
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`
  writeFileSync(file, text)
  return file
}

/** Unpacks one of the package's archives, once; gives the folder. */
async function unpack(packed: string, name: string, folder: string): Promise<string> {
  const target = join(folder, name)
  if (existsSync(target)) return target
  const part = `${target}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  await inflate(join(packed, `${name}.tar.br`), `${part}.tar`)
  const { code, output } = await runCommand("tar", ["-xf", `${part}.tar`, "-C", part])
  if (code !== 0) throw new Error(`Cannot unpack Chromium's ${name}: tar says\n${output}`)
  rmSync(`${part}.tar`)
  renameSync(part, target)
  return target
}

function inflate(from: string, to: string): Promise<void> {
  return pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))
}
