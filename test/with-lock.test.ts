import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { runCommand } from "../scripts/command.ts"
import { ROOT } from "../scripts/source-tree.ts"
import { withLock } from "../scripts/with-lock.ts"

const module = JSON.stringify(join(ROOT, "scripts/with-lock.ts"))

test("withLock lets one process in at a time", async () => {
  const code = `import { withLock } from ${module}
await withLock("test-lock", async () => {
  console.log("in", Date.now())
  for (let end = Date.now() + 100; Date.now() < end; ) await new Promise((r) => setImmediate(r))
  console.log("out", Date.now())
})`
  const args = ["--input-type=module", "--eval", code]
  const runs = await Promise.all([1, 2, 3].map(() => runCommand(process.execPath, args)))
  const spans = runs
    .map(({ stdout }) => [...stdout.matchAll(/\d+/g)].map(Number))
    .sort(([a = 0], [b = 0]) => a - b)
  expect(spans.map((span) => span.length)).toEqual([2, 2, 2])
  const edges = spans.flat()
  expect(edges).toEqual(edges.toSorted((a, b) => a - b))
})

test("withLock releases when the work fails, and passes its result and its error on", async () => {
  const fault = new Error("planted")
  await expect(withLock("test-fault", () => Promise.reject(fault))).rejects.toBe(fault)
  expect(await withLock("test-fault", async () => 7)).toBe(7)
  expect(existsSync(join(ROOT, ".cache/test-fault.lock"))).toBe(false)
})

test("withLock takes over what a dead process left", async () => {
  const { stdout } = await runCommand(process.execPath, ["--print", "process.pid"])
  writeFileSync(join(ROOT, ".cache/test-dead.lock"), stdout.trim())
  expect(await withLock("test-dead", async () => "mine")).toBe("mine")
})
