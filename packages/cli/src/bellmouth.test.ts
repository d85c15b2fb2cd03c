import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, expect, onTestFinished, test } from "vitest"

const bin = fileURLToPath(new URL("../bin/bellmouth.js", import.meta.url))

interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** One run of the real command. */
class Run {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  #out = ""
  #err = ""

  constructor(args: readonly string[], shell?: string) {
    // The limits of a shell are set by the shell, which then becomes the command.
    const [file, ...rest] = shell
      ? ["sh", "-c", `${shell}; exec "$0" "$@"`, process.execPath, bin, ...args]
      : [process.execPath, bin, ...args]
    this.child = spawn(file ?? "", rest, { stdio: "pipe" })
    this.child.stdout?.setEncoding("utf8").on("data", (text) => (this.#out += text))
    this.child.stderr?.setEncoding("utf8").on("data", (text) => (this.#err += text))
    // A command that stops reading early is what some tests are about.
    this.child.stdin?.on("error", () => {})
    this.finished = once(this.child, "close").then(([code]) => ({
      code,
      out: this.#out,
      err: this.#err,
    }))
    onTestFinished(() => void this.child.kill("SIGKILL"))
  }

  get out(): string {
    return this.#out
  }

  get err(): string {
    return this.#err
  }

  /** Settles when standard output or error holds `text`. */
  async says(text: string): Promise<void> {
    const { stdout, stderr } = this.child
    if (stdout === null || stderr === null) throw new Error("It has no output")
    while (!`${this.#out}${this.#err}`.includes(text)) {
      const ended = await Promise.race([once(stdout, "data"), once(stderr, "data"), this.finished])
      if ("code" in ended) throw new Error(`It ended without ${text}: ${this.#out}${this.#err}`)
    }
  }
}

function bellmouth(args: readonly string[], input: string | Uint8Array = ""): Promise<Finished> {
  const run = new Run(args)
  run.child.stdin?.end(input)
  return run.finished
}

let folder = ""
let logs = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-cli-"))
  return () => rm(folder, { recursive: true, force: true })
})

function newLog(): string {
  logs++
  return join(folder, `log-${logs}`)
}

async function logOf(count: number): Promise<string> {
  const log = newLog()
  const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`)
  const { code } = await bellmouth(["append", log], lines.join(""))
  expect(code).toBe(0)
  return log
}

test("append and replay give back every byte of NDJSON", async () => {
  const log = newLog()
  const input = '{"a":1}\n ["b" , 2e0] \n"é😀\\u0000\u2028"\nnull\n{"__proto__":9007199254740993}\n'
  const appended = await bellmouth(["append", log], input)
  expect(appended).toEqual({
    code: 0,
    out: "",
    err: `Appended 5 records to ${log} (offsets 0 to 4), safe on disk\n`,
  })
  expect(await bellmouth(["replay", log])).toEqual({ code: 0, out: input, err: "" })
})

test.each([
  ["a broken line", '1\n2\n{"a":\n4\n', [], "line 3 at byte 4", "Unexpected end of JSON"],
  [
    "a line over the limit",
    `1\n2\n"${"x".repeat(99)}"\n4\n`,
    ["--max-line-bytes", "50"],
    "line 3 at byte 4",
    "longer than",
  ],
  [
    "bytes that are not UTF-8",
    Buffer.from('1\n2\n"\xff"\n4\n', "latin1"),
    [],
    "line 3 at byte 4",
    "not UTF-8",
  ],
  [
    "nesting without end",
    `1\n2\n${"[".repeat(9999)}${"]".repeat(9999)}\n4\n`,
    [],
    "line 3 at byte 4",
    "deeper than",
  ],
])(
  "%s stops append, names the place, and keeps what came before",
  async (_name, input, options, place, state) => {
    const log = newLog()
    const { code, err } = await bellmouth(["append", log, ...options], input)
    expect(code).toBe(1)
    expect(err).toContain(place)
    expect(err).toContain(state)
    expect(err).toContain(`Appended 2 records to ${log} (offsets 0 to 1), safe on disk`)
    expect(err).not.toContain("    at ")
    expect((await bellmouth(["replay", log])).out).toBe("1\n2\n")
  },
)

test("a damaged segment is told with its place, and what is before it still comes", async () => {
  const log = await logOf(3)
  await bellmouth(["append", log], '{"n":"victim"}\n')
  await bellmouth(["append", log], '{"n":"later"}\n')
  const [name = ""] = (await readdir(log)).filter((file) => file.endsWith(".log"))
  const path = join(log, name)
  const bytes = await readFile(path)
  bytes[bytes.indexOf("victim")] = 0x56
  await writeFile(path, bytes)
  const { code, out, err } = await bellmouth(["replay", log])
  expect(code).toBe(1)
  expect(out).toBe('{"n":0}\n{"n":1}\n{"n":2}\n')
  expect(err).toMatch(/^bellmouth: Cannot read the log from offset 3 on: .*damaged at byte \d+/)
  expect(err).toContain(path)
  expect(err).not.toContain("    at ")
})

test("verify and repair tell a damage; with --write the rest is there again, and what is lost is said", async () => {
  const log = await logOf(3)
  await bellmouth(["append", log], '{"n":"victim"}\n')
  await bellmouth(["append", log], '{"n":"later"}\n')
  const whole = await bellmouth(["verify", log])
  expect([whole.code, whole.err]).toEqual([0, ""])
  expect(whole.out).toBe(
    `${log} is as it was written: 5 records; it begins at offset 0 and ends at 5\n`,
  )
  expect((await bellmouth(["repair", log])).out).toBe(`There is nothing to repair in ${log}\n`)
  const [name = ""] = (await readdir(log)).filter((file) => file.endsWith(".log"))
  const path = join(log, name)
  const bytes = await readFile(path)
  bytes[bytes.indexOf("victim")] = 0x56
  await writeFile(path, bytes)
  const before = (await readdir(log)).sort()

  const told = await bellmouth(["verify", log])
  expect(told.code).toBe(1)
  expect(told.out).toContain(`Damaged: ${path}, byte `)
  const json = await bellmouth(["verify", log, "--json"])
  expect([json.code, JSON.parse(json.out).damages[0]]).toMatchObject([1, { path, offset: 3 }])
  const planned = await bellmouth(["repair", log])
  expect(planned.code).toBe(1)
  expect(planned.out).toContain("Lost: offset 3; the log goes on at offset 4\n")
  expect(planned.out).toContain(`Nothing was changed: bellmouth repair ${log} --write`)
  expect((await readdir(log)).sort()).toEqual(before)
  expect(await readFile(path)).toEqual(bytes)

  const done = await bellmouth(["repair", log, "--write", "--json"])
  const report = JSON.parse(done.out)
  expect([done.code, report.outcome, report.lost]).toEqual([0, "repaired", [{ from: 3, until: 4 }]])
  expect(await readFile(report.keptAs[0])).toEqual(bytes)
  const first = await bellmouth(["replay", log])
  expect([first.code, first.out]).toEqual([1, '{"n":0}\n{"n":1}\n{"n":2}\n'])
  expect(first.err).toContain("go on from offset 4")
  expect((await bellmouth(["replay", log, "--from", "4"])).out).toBe('{"n":"later"}\n')
  expect((await bellmouth(["verify", log])).code).toBe(0)
  const trimmed = await bellmouth(["trim", log, "--before", "4"])
  expect(trimmed.err).toBe(`Gave up 4 records: ${log} begins at offset 4\n`)
  expect(await bellmouth(["replay", log])).toEqual({ code: 0, out: '{"n":"later"}\n', err: "" })
})

test("repair of a log that is written to is refused, and what is no log is told", async () => {
  const log = newLog()
  const writer = new Run(["append", log])
  writer.child.stdin?.write("1\n")
  while ((await bellmouth(["replay", log])).out !== "1\n");
  for (const args of [
    ["repair", log, "--write"],
    ["trim", log, "--before", "1"],
  ]) {
    const { code, err } = await bellmouth(args)
    expect(code).toBe(1)
    expect(err).toContain("close it there")
  }
  writer.child.stdin?.end()
  await writer.finished
  for (const command of ["verify", "repair"]) {
    const { code, err } = await bellmouth([command, join(folder, "nowhere")])
    expect([code, err]).toEqual([1, expect.stringContaining("no such directory")])
  }
})

/** Appends until the file system refuses, and checks that all that was acknowledged is there. */
async function fillUp(log: string, shell?: string): Promise<string> {
  const run = new Run(["append", log], shell)
  const line = `"${"x".repeat(999)}"\n`
  const feed = (): void => {
    while (run.child.stdin?.writable === true && run.child.stdin.write(line));
  }
  run.child.stdin?.on("drain", feed)
  feed()
  const { code, err } = await run.finished
  expect(code).toBe(1)
  expect(err).not.toContain("    at ")
  const [, acknowledged = "0"] = /(?:Appended ([0-9,]+) record|No record)/.exec(err) ?? []
  const { out } = await bellmouth(["replay", log])
  expect(out.length % line.length).toBe(0)
  expect(out.length / line.length).toBe(Number(acknowledged.replaceAll(",", "")))
  expect(out.length).toBeGreaterThan(0)
  return err
}

test("a file that may not grow stops append; what was acknowledged stays readable", async () => {
  const err = await fillUp(newLog(), "ulimit -f 2000")
  expect(err).toMatch(/EFBIG|file too large/i)
})

test.runIf(process.getuid?.() === 0)(
  "a full disk stops append; what was acknowledged stays readable",
  async (context) => {
    const disk = await mkdtemp(join(folder, "disk-"))
    const shell = (script: string) => spawn("sh", ["-c", script, disk], { stdio: "ignore" })
    const mount = shell('mount -t tmpfs -o size=3m tmpfs "$0"')
    if ((await once(mount, "close"))[0] !== 0) context.skip("mounting is not allowed here")
    onTestFinished(async () => void (await once(shell('umount "$0"'), "close")))
    expect(await fillUp(join(disk, "log"))).toContain("no space left on device")
  },
)

test("a folder that is not a log, or is none, is told as that", async () => {
  const other = await mkdtemp(join(folder, "other-"))
  await writeFile(join(other, "notes.txt"), "mine")
  for (const command of ["replay", "tail", "serve", "append"]) {
    const { code, out, err } = await bellmouth([command, other], "1\n")
    expect([code, out]).toEqual([1, ""])
    expect(err).toMatch(/^bellmouth: Cannot open .* as a log: /)
    expect(err).not.toContain("    at ")
  }
  expect(await readdir(other)).toEqual(["notes.txt"])
  const missing = await bellmouth(["replay", join(folder, "missing")])
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("no such directory")])
})

test("two writers to one log: the second is refused, a reader is not", async () => {
  const log = newLog()
  const first = new Run(["append", log])
  first.child.stdin?.write("1\n")
  // The log is there once a reader sees the record; until then there is nothing to read.
  while ((await bellmouth(["replay", log])).out !== "1\n");
  const second = await bellmouth(["append", log], "2\n")
  expect(second.code).toBe(1)
  expect(second.err).toMatch(/^bellmouth: Cannot open .*writ/)
  first.child.stdin?.end()
  expect((await first.finished).code).toBe(0)
})

test("tail -f follows what another process appends, and Ctrl-C ends it cleanly", async () => {
  const log = await logOf(2)
  const tail = new Run(["tail", "-f", "-n", "1", log])
  await tail.says('{"n":1}\n')
  await bellmouth(["append", log], '{"n":"late"}\n')
  await tail.says('{"n":"late"}\n')
  tail.child.kill("SIGINT")
  expect(await tail.finished).toEqual({ code: 0, out: '{"n":1}\n{"n":"late"}\n', err: "" })
})

test("Ctrl-C during append keeps what was read, says so, and ends with 130", async () => {
  const log = newLog()
  const run = new Run(["append", log])
  run.child.stdin?.write("1\n2\n")
  while ((await bellmouth(["replay", log])).out !== "1\n2\n");
  run.child.kill("SIGINT")
  const { code, err } = await run.finished
  expect([code, err]).toEqual([
    130,
    `Interrupted. Appended 2 records to ${log} (offsets 0 to 1), safe on disk\n`,
  ])
})

test("a reader that goes away ends replay quietly", async () => {
  const log = await logOf(30_000)
  const run = new Run(["replay", log])
  await once(run.child.stdout ?? run.child, "data")
  run.child.stdout?.destroy()
  const { code, err } = await run.finished
  expect([code, err]).toEqual([0, ""])
})

test("serve answers over HTTP with the page and the records, and Ctrl-C ends it", async () => {
  const log = await logOf(2)
  const server = new Run(["serve", log, "--port", "0"])
  await server.says("/events")
  const url = /http:\/\/127\.0\.0\.1:[0-9]+\//.exec(server.err)?.[0] ?? ""
  const page = await fetch(url)
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'")
  expect(await page.text()).toContain('<script type="module" src="/page/main.js">')
  expect((await fetch(`${url}page/main.js`)).headers.get("content-type")).toContain("javascript")
  expect(await (await fetch(`${url}events`)).text()).toBe('{"n":0}\n{"n":1}\n')
  for (const path of [
    "nothing",
    "page/../main.js",
    "page/%2e%2e/live-handler.js",
    "src/page/main.ts",
  ]) {
    expect((await fetch(url + path)).status).toBe(404)
  }
  const events = await fetch(`${url}events`, { headers: { accept: "text/event-stream" } })
  const reader = events.body?.getReader()
  await reader?.read()
  server.child.kill("SIGINT")
  expect((await server.finished).code).toBe(0)
})

test("a port in use is told with what to do", async () => {
  const blocker = createServer().listen(0, "127.0.0.1")
  await once(blocker, "listening")
  onTestFinished(() => void blocker.close())
  const address = blocker.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const { code, err } = await bellmouth(["serve", await logOf(1), "--port", String(port)])
  expect([code, err]).toEqual([
    1,
    `bellmouth: Cannot listen on 127.0.0.1:${port}: the port is in use; stop what uses it or choose another\n`,
  ])
})

test("wrong usage is exit code 2", async () => {
  const { code, out, err } = await bellmouth(["frobnicate"])
  expect([code, out]).toEqual([2, ""])
  expect(err).toBe("bellmouth: There is no command frobnicate\nTry bellmouth --help\n")
})
