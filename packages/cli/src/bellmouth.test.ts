import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { bellmouth, Run } from "../testing/command-run.ts"
import { LogFolder } from "../testing/log-folder.ts"

const logs = new LogFolder()

test("append and replay give back every byte of NDJSON", async () => {
  const log = logs.newLog()
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
    const log = logs.newLog()
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
  const log = await logs.logOf(3)
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
  const err = await fillUp(logs.newLog(), "ulimit -f 2000")
  expect(err).toMatch(/EFBIG|file too large/i)
})

test.runIf(process.getuid?.() === 0)(
  "a full disk stops append; what was acknowledged stays readable",
  async (context) => {
    const disk = await mkdtemp(join(logs.path, "disk-"))
    const shell = (script: string) => spawn("sh", ["-c", script, disk], { stdio: "ignore" })
    const mount = shell('mount -t tmpfs -o size=3m tmpfs "$0"')
    if ((await once(mount, "close"))[0] !== 0) context.skip("mounting is not allowed here")
    onTestFinished(async () => void (await once(shell('umount "$0"'), "close")))
    expect(await fillUp(join(disk, "log"))).toContain("no space left on device")
  },
)

test("a folder that is not a log, or is none, is told as that", async () => {
  const other = await mkdtemp(join(logs.path, "other-"))
  await writeFile(join(other, "notes.txt"), "mine")
  for (const command of ["replay", "tail", "serve", "append"]) {
    const { code, out, err } = await bellmouth([command, other], "1\n")
    expect([code, out]).toEqual([1, ""])
    expect(err).toMatch(/^bellmouth: Cannot open .* as a log: /)
    expect(err).not.toContain("    at ")
  }
  expect(await readdir(other)).toEqual(["notes.txt"])
  const missing = await bellmouth(["replay", join(logs.path, "missing")])
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("no such directory")])
})

test("two writers to one log: the second is refused, a reader is not", async () => {
  const log = logs.newLog()
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
  const log = await logs.logOf(2)
  const tail = new Run(["tail", "-f", "-n", "1", log])
  await tail.says('{"n":1}\n')
  await bellmouth(["append", log], '{"n":"late"}\n')
  await tail.says('{"n":"late"}\n')
  tail.child.kill("SIGINT")
  expect(await tail.finished).toEqual({ code: 0, out: '{"n":1}\n{"n":"late"}\n', err: "" })
})

test("Ctrl-C during append keeps what was read, says so, and ends with 130", async () => {
  const log = logs.newLog()
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
  const log = await logs.logOf(30_000)
  const run = new Run(["replay", log])
  await once(run.child.stdout ?? run.child, "data")
  run.child.stdout?.destroy()
  const { code, err } = await run.finished
  expect([code, err]).toEqual([0, ""])
})

test.skipIf(!existsSync("/dev/full"))(
  "a full disk at standard output is told as that",
  async () => {
    const run = new Run(["replay", await logs.logOf(3)], "exec >/dev/full")
    const { code, err } = await run.finished
    expect([code, err]).toEqual([
      1,
      "bellmouth: Cannot write to standard output: ENOSPC: no space left on device, write\n",
    ])
  },
)

test("serve answers over HTTP with the page and the records, and Ctrl-C ends it", async () => {
  const log = await logs.logOf(2)
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
  const { code, err } = await bellmouth(["serve", await logs.logOf(1), "--port", String(port)])
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
