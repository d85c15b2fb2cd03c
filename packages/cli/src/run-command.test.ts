import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { runCommand } from "./run-command.ts"

async function run(args: readonly string[], input: BlobPart = "") {
  let out = ""
  let err = ""
  const decoder = new TextDecoder()
  const code = await runCommand(args, {
    stdin: () => new Blob([input]).stream(),
    stdout: () => new WritableStream({ write: (chunk) => void (out += decoder.decode(chunk)) }),
    report: (line) => {
      err += `${line}\n`
    },
    signal: new AbortController().signal,
  })
  return { code, out, err }
}

async function newLog(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bellmouth-run-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, "log")
}

test("line ends and blank lines are framing, and not kept", async () => {
  const log = await newLog()
  await run(["append", log], "\uFEFF1\r\n\n \n2\r\n3")
  expect((await run(["replay", log])).out).toBe("1\n2\n3\n")
})

test("what stops append is told with what can be done here", async () => {
  const log = await newLog()
  const long = await run(["append", log, "--max-line-bytes", "2"], "1\n123\n")
  expect(long.err).toMatch(/Longer lines are taken with --max-line-bytes\nAppended 1 record to /)
  const broken = await run(["append", log], new Uint8Array([0x22, 0xff, 0x22, 0x0a]))
  expect(broken.err).toMatch(/must be UTF-8: convert them first, as by iconv\nNo record was /)
})

test("replay selects by --from, --last and --limit, tail by -n", async () => {
  const log = await newLog()
  await run(["append", log], Array.from({ length: 20 }, (_, n) => `${n}\n`).join(""))
  const numbers = async (...args: string[]) => (await run(args)).out.match(/\d+/g)?.map(Number)
  expect(await numbers("replay", log, "--from", "17")).toEqual([17, 18, 19])
  expect(await numbers("replay", log, "--from", "3", "--limit", "2")).toEqual([3, 4])
  expect(await numbers("replay", log, "--last", "2")).toEqual([18, 19])
  expect(await numbers("tail", log)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  expect(await numbers("tail", "-n", "1", log)).toEqual([19])
})

test("trim gives up what is too much; append does so with the same options", async () => {
  const log = await newLog()
  await run(["append", log], "1\n2\n3\n")
  // Everything is in the last segment, which stays.
  const little = await run(["trim", log, "--max-bytes", "0", "--max-age", "1"])
  expect(little).toMatchObject({ code: 0, err: `Nothing to give up: ${log} begins at offset 0\n` })
  const one = await run(["trim", log, "--before", "1"])
  expect(one.err).toBe(`Gave up 1 record: ${log} begins at offset 1\n`)
  const verified = await run(["verify", log])
  expect(verified.out).toContain("2 records; it begins at offset 1 and ends at 3")
  await run(["trim", log, "--before", "2"])
  expect((await run(["replay", log])).out).toBe("3\n")
  await run(["append", log, "--max-bytes", "1000", "--max-age", "60"], "4\n")
  expect((await run(["replay", log])).out).toBe("3\n4\n")
  const past = await run(["trim", log, "--before", "9"])
  expect([past.code, past.err]).toEqual([1, expect.stringContaining("the log's tail is 4")])
})

test.each([
  ["replay"],
  ["tail"],
  ["serve"],
  ["verify"],
  ["repair"],
  ["repair", "--write"],
  ["trim", "--max-bytes", "9"],
])("%s of no log is exit code 1, and makes none", async (...args) => {
  const log = await newLog()
  const { code, err } = await run([...args, log])
  expect([code, err]).toEqual([1, expect.stringContaining("there is no such directory")])
  expect(existsSync(log)).toBe(false)
})

test.each([
  [["trim", "a"], "Give either --before, or --max-bytes and --max-age"],
  [["trim", "a", "--before", "1", "--max-age", "1"], "Give either --before"],
  [["append", "a", "--max-bytes", "-1"], "ambiguous"],
  [["repair", "a", "--force"], "Unknown option '--force'"],
  [[], "Usage: bellmouth <command>"],
  [["frobnicate"], "There is no command frobnicate"],
  [["help", "frobnicate"], "There is no command frobnicate"],
  [["replay"], "Which log? Give its folder"],
  [["replay", "a", "b"], "Only one folder"],
  [["replay", "a", "--frob"], "Unknown option '--frob'"],
  [["replay", "a", "--from", "x"], "--from x is not a whole number from 0"],
  [["replay", "a", "--from", "1", "--last", "1"], "Give either --from or --last"],
  [["replay", "a", "--limit", "0"], "--limit 0 is not a whole number from 1"],
  [["tail", "a", "-n", "many"], "--lines many is not a whole number from 0"],
  [["append", "a", "--max-line-bytes"], "argument missing"],
  [["serve", "a", "--port", "70000"], "not a port"],
  [["serve", "a", "--host", ""], "--host is empty"],
])("wrong usage %j is exit code 2 and says what is wrong", async (args, message) => {
  const { code, out, err } = await run(args)
  expect(code).toBe(2)
  expect(out + err).toContain(message)
})

test.each([
  [["--help"]],
  [["help"]],
  [["append", "--help"]],
  [["replay", "-h"]],
  [["help", "tail"]],
  [["verify", "--help"]],
  [["repair", "--help"]],
  [["trim", "--help"]],
  [["serve", "a", "--help"]],
])("help of %j goes to standard output, 80 columns wide", async (args) => {
  const { code, out, err } = await run(args)
  expect([code, err]).toEqual([0, ""])
  expect(out).toMatch(/^Usage: bellmouth /)
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
})

test("--version gives the version of the package", async () => {
  const { code, out } = await run(["--version"])
  expect([code, out]).toEqual([0, `${manifest.version}\n`])
})
