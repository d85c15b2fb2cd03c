import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { judgeGitOrder } from "./git-order-oracle.ts"
import { needsLinux } from "./needs.ts"
import { isSync, type SystemCall } from "./system-calls.ts"
import { runtimeCommand, trace } from "./trace.ts"

const CHUNKS = 15
const REF = "refs/bellmouth/n-traced"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-git-order-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function callsOf(level: "disk" | "process"): Promise<readonly SystemCall[]> {
  const program = new URL("git-order-writer.ts", import.meta.url).pathname
  const repository = join(folder, level)
  const command = [...(await runtimeCommand("node")), program, repository, String(CHUNKS), level]
  const { calls, code } = await trace(folder, command)
  expect(code).toBe(0)
  return calls
}

/** Syncs that are taken out of the trace, as if the writer had left them out. */
const FAULTS = {
  "an object that is not synced": (path: string) => path.includes("/tmp_obj_"),
  "the folder of an object that is not synced": (path: string) =>
    /\/objects\/[0-9a-f]{2}$/.test(path),
  "the folder of the folders that is not synced": (path: string) => path.endsWith("/objects"),
  "a new value of the ref that is not synced": (path: string) => path.endsWith(".lock"),
  "the directory of the ref that is not synced": (path: string) => path.endsWith("/bellmouth"),
}

test.skipIf(!needsLinux)(
  "git: what is acknowledged was synced before, in the right order",
  async () => {
    const calls = await callsOf("disk")
    const { violations, ...counts } = judgeGitOrder(calls, REF)
    console.log("git, order of calls:", JSON.stringify(counts))
    expect(violations).toEqual([])
    // The first commit of the log is acknowledged to nobody.
    expect(counts).toMatchObject({ acknowledged: CHUNKS, moves: CHUNKS + 1 })
    expect(counts.objects).toBeGreaterThan(CHUNKS + 4)
    for (const [fault, isLeftOut] of Object.entries(FAULTS)) {
      const without = calls.filter((call) => !isSync(call) || !isLeftOut(call.path))
      const found = judgeGitOrder(without, REF).violations.length
      expect(found, fault).toBeGreaterThan(0)
    }
  },
)

test.skipIf(!needsLinux)("git: the order of calls shows a log that does not sync", async () => {
  const { violations, acknowledged } = judgeGitOrder(await callsOf("process"), REF)
  expect(acknowledged).toBe(CHUNKS)
  expect(violations.length).toBeGreaterThan(CHUNKS * 2)
})
