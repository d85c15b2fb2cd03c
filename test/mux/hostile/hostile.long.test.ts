import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { ROOT } from "../../../scripts/source-tree.ts"
import type { Verdict } from "./play.ts"
import { scripts } from "./scripts/index.ts"

const run = promisify(execFile)
/** However busy the machine is: alone it takes a minute. */
const LONGEST_MS = 500_000

/** A process that plays some of the scripts; it has to end by itself, and well. */
async function playAll(how: "--sound" | "--bytes" | "--lifted", shard: string): Promise<Verdict[]> {
  const program = join(import.meta.dirname, "main.ts")
  const args = ["--unhandled-rejections=strict", program, how, "", shard]
  const { stdout } = await run(process.execPath, args, { timeout: LONGEST_MS })
  const lines = stdout.trimEnd().split("\n")
  expect(lines.pop()).toBe("done")
  return lines.map((line): Verdict => JSON.parse(line))
}

test.each([
  ["messages", "--sound"],
  ["a stream of bytes", "--bytes"],
] as const)(
  "every hostile peer over %s ends in the named code, in little memory, beside a neighbour undisturbed",
  {
    timeout: LONGEST_MS,
  },
  async (_, how) => {
    expect(scripts.length).toBeGreaterThanOrEqual(160)
    expect(new Set(scripts.map(({ name }) => name)).size).toBe(scripts.length)
    const verdicts = await playAll(how, "0/1")
    expect(verdicts.length).toBe(scripts.length)
    expect(verdicts.filter(({ violations }) => violations.length > 0)).toEqual([])
  },
)

test("every hostile script fails when the limit that it shows is lifted", {
  timeout: LONGEST_MS,
}, async () => {
  const shards = await Promise.all(["0/2", "1/2"].map((shard) => playAll("--lifted", shard)))
  const verdicts = shards.flat()
  expect(verdicts.length).toBe(scripts.length)
  expect(verdicts.filter(({ violations }) => violations.length === 0)).toEqual([])
})

test("every script that the README names is there", () => {
  const readme = readFileSync(join(ROOT, "packages/mux/README.md"), "utf8")
  const [, section = ""] = /^## Security$(.+?)^## /ms.exec(readme) ?? []
  const named = [...section.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name)
  expect(named.length).toBeGreaterThan(30)
  const names = new Set(scripts.map(({ name }) => name))
  expect(named.filter((name) => !names.has(name))).toEqual([])
})
