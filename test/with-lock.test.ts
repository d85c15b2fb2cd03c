import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ownIdentity } from "../packages/log-fs/src/locks/process-identity.ts"
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
  const dead = { ...ownIdentity(), pid: Number(stdout.trim()), started: "1" }
  // The second has a number that is used again, the third was left by an earlier form of this.
  for (const left of [dead, { ...ownIdentity(), started: "1" }, Number(stdout.trim())]) {
    writeFileSync(join(ROOT, ".cache/test-dead.lock"), JSON.stringify(left))
    expect(await withLock("test-dead", async () => "mine")).toBe("mine")
  }
  expect(existsSync(join(ROOT, ".cache/test-dead.lock.takeover"))).toBe(false)
})

test("withLock takes over from a process that died while it took over", async () => {
  const dead = JSON.stringify({ ...ownIdentity(), started: "1" })
  for (const name of ["test-twice.lock", "test-twice.lock.takeover"]) {
    writeFileSync(join(ROOT, ".cache", name), dead)
  }
  expect(await withLock("test-twice", async () => "mine")).toBe("mine")
})

test("withLock lets one in at a time when one is slow to take over", async () => {
  const dead = JSON.stringify({ ...ownIdentity(), started: "1" })
  writeFileSync(join(ROOT, ".cache/test-slow.lock"), dead)
  const worker = `const { withLock } = await import(${module})
await withLock("test-slow", async () => {
  console.log("in", Date.now())
  await new Promise((resolve) => setTimeout(resolve, 1500))
  console.log("out", Date.now())
})`
  // Pauses just before it removes the lock of the dead one.
  const slow = `import fs, { writeSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
const { rmSync } = fs
fs.rmSync = (path, options) => {
  if (path.endsWith("test-slow.lock") && fs.readFileSync(path, "utf8") === ${JSON.stringify(dead)}) {
    writeSync(2, "pauses")
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  }
  rmSync(path, options)
}
syncBuiltinESMExports()
${worker}`
  const run = (code: string) => spawn(process.execPath, ["--input-type=module", "--eval", code])
  const first = run(slow)
  let spans = ""
  first.stdout.on("data", (text) => {
    spans += text
  })
  await once(first.stderr, "data")
  const second = run(worker)
  second.stdout.on("data", (text) => {
    spans += text
  })
  await Promise.all([once(first, "close"), once(second, "close")])
  expect(spans.match(/in|out/g)).toEqual(["in", "out", "in", "out"])
})
