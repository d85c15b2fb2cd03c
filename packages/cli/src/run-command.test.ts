import { expect, test } from "vitest"
import { runCommand } from "./run-command.ts"

async function run(...args: string[]) {
  let out = ""
  let err = ""
  const decoder = new TextDecoder()
  const code = await runCommand(args, {
    stdin: () => new ReadableStream({ start: (controller) => controller.close() }),
    stdout: () => new WritableStream({ write: (chunk) => void (out += decoder.decode(chunk)) }),
    report: (line) => {
      err += `${line}\n`
    },
    signal: new AbortController().signal,
  })
  return { code, out, err }
}

test.each([
  [[], "Usage: bellmouth <command>"],
  [["frobnicate"], "There is no command frobnicate"],
  [["replay"], "Which log? Give its folder"],
  [["replay", "a", "b"], "Only one folder"],
  [["replay", "a", "--frob"], "Unknown option '--frob'"],
  [["replay", "a", "--from", "x"], "--from x is not a whole number from 0"],
  [["replay", "a", "--from", "1", "--last", "1"], "Give either --from or --last"],
  [["replay", "a", "--limit", "0"], "--limit 0 is not a whole number from 1"],
  [["tail", "a", "-n", "many"], "--lines many is not a whole number from 0"],
  [["append", "a", "--max-line-bytes"], "argument missing"],
  [["serve", "a", "--port", "70000"], "not a port"],
])("wrong usage %j is exit code 2 and says what is wrong", async (args, message) => {
  const { code, out, err } = await run(...args)
  expect(code).toBe(2)
  expect(out + err).toContain(message)
})

test.each([
  [["--help"]],
  [["help"]],
  [["append", "--help"]],
  [["replay", "-h"]],
  [["help", "tail"]],
  [["serve", "a", "--help"]],
])("help of %j goes to standard output, 80 columns wide", async (args) => {
  const { code, out, err } = await run(...args)
  expect([code, err]).toEqual([0, ""])
  expect(out).toMatch(/^Usage: bellmouth /)
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
})
