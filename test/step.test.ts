import { expect, test } from "vitest"
import { runCommand } from "../scripts/command.ts"
import { commandStep, findingsStep, runSteps, type Step } from "../scripts/step.ts"

async function run(...steps: readonly Step[]): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = []
  const ok = await runSteps(steps, (line) => lines.push(line))
  return { ok, lines }
}

const fixed = (passed: number, failed: number, skipped = 0): Step => ({
  name: "fixed",
  run: async () => ({ passed, failed, skipped, output: "why" }),
})

test("runSteps sums the steps and ends with the counts", async () => {
  const { ok, lines } = await run(fixed(3, 0), fixed(4, 0, 2))
  expect(ok).toBe(true)
  expect(lines.at(-1)).toBe("7 passed, 0 failed, 2 skipped")
})

test("runSteps fails and prints the output when one test of one step failed", async () => {
  const { ok, lines } = await run(fixed(3, 0), fixed(4, 1), fixed(1, 0))
  expect(ok).toBe(false)
  expect(lines.join("\n")).toContain("--- fixed ---\nwhy")
  expect(lines.at(-1)).toBe("8 passed, 1 failed")
})

test("runSteps counts a step that ran nothing as a failure", async () => {
  const { ok, lines } = await run(fixed(0, 0, 5))
  expect(ok).toBe(false)
  expect(lines.at(-1)).toBe("0 passed, 1 failed, 5 skipped")
})

test("runSteps counts a step that throws as a failure and goes on", async () => {
  const broken: Step = { name: "broken", run: () => Promise.reject(new Error("no disk")) }
  const { ok, lines } = await run(broken, fixed(2, 0))
  expect(ok).toBe(false)
  expect(lines.join("\n")).toContain("no disk")
  expect(lines.at(-1)).toBe("2 passed, 1 failed")
})

test("commandStep fails on an exit code, a missing command and a time limit", async () => {
  const node = process.execPath
  const steps = [
    commandStep("good", node, ["-e", "0"]),
    commandStep("code", node, ["-e", "process.exit(3)"]),
    commandStep("missing", "no-such-command-here", []),
    commandStep("late", node, ["-e", "setInterval(() => {}, 1000)"], { timeoutMs: 200 }),
  ]
  const { lines } = await run(...steps)
  const text = lines.join("\n")
  expect(text).toContain("exit code 3")
  expect(text).toContain("Cannot run no-such-command-here")
  expect(text).toContain("Stopped after 200 ms")
  expect(lines.at(-1)).toBe("1 passed, 3 failed")
})

test("A command ends at its time limit when a daemon of its own keeps its output open", async () => {
  const daemon = `require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], {
    detached: true, stdio: "inherit",
  }).unref()
  console.log("begun")`
  const began = performance.now()
  const { code, stdout } = await runCommand(process.execPath, ["-e", daemon], { timeoutMs: 1000 })
  expect([code, stdout]).toEqual([124, "begun\n"])
  expect(performance.now() - began).toBeLessThan(15_000)
})

test("findingsStep counts each finding as a failure", async () => {
  const step = findingsStep("look", async () => ({ checked: 5, findings: ["a.ts:1 is bad"] }))
  const { lines } = await run(step)
  expect(lines.join("\n")).toContain("a.ts:1 is bad")
  expect(lines.at(-1)).toBe("4 passed, 1 failed")
})
