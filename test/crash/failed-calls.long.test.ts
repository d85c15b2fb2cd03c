import { appendFileSync, readdirSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { openFsLog } from "@bellmouth/log-fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import {
  countCalls,
  type FailedCall,
  type FailureCounts,
  type FailureRig,
  failCall,
  type Injection,
} from "./failed-calls.ts"
import { needsLinux } from "./needs.ts"
import { orderRecord } from "./order-record.ts"
import { bundleProgram, importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { shortWrites } from "./short-writes.ts"
import { runtimeCommand } from "./trace.ts"

const ALL: readonly Injection[] = ["error=EIO", "signal=SIGKILL"]
const OF_WRITES: readonly Injection[] = [
  ...ALL,
  "error=ENOSPC",
  "error=EDQUOT",
  "error=EINTR",
  "error=EAGAIN",
  "retval=10",
]
const OF_SYNCS: readonly Injection[] = [...ALL, "error=ENOSPC", "error=EDQUOT", "retval=0"]
const INJECTIONS: Readonly<Record<string, readonly Injection[]>> = {
  write: OF_WRITES,
  pwrite64: OF_WRITES,
  pwritev: OF_WRITES,
  fdatasync: OF_SYNCS,
  fsync: OF_SYNCS,
}

let folder = ""
let program = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-failures-"))
  program = await bundleProgram("order-writer.ts", folder)
})
afterAll(() => rm(folder, { recursive: true }))

/** A log of one record, whose writer died in the middle of a frame. */
async function tornLog(): Promise<string> {
  const log = join(folder, "torn")
  const open = await openFsLog(log, { segmentBytes: 400 })
  const writer = open.writable().getWriter()
  await writer.write(new TextEncoder().encode(orderRecord("0/0")))
  await writer.close()
  await open.close()
  const segment = readdirSync(log).find((name) => name.endsWith(".log")) ?? ""
  appendFileSync(join(log, segment), "BMFR, and not all of it")
  return log
}

async function failAll(rig: FailureRig, plan: readonly FailedCall[]): Promise<FailureCounts> {
  const counts: FailureCounts = {
    runs: 0,
    injected: 0,
    killed: 0,
    told: 0,
    acknowledged: 0,
    damaged: 0,
    failures: [],
  }
  const rest = [...plan]
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await failCall(rig, next, counts)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return counts
}

async function planOf(rig: FailureRig): Promise<FailedCall[]> {
  const calls = await countCalls(rig)
  return [...calls].flatMap(([call, count]) =>
    Array.from({ length: count }, (_, at) => at + 1).flatMap((index) =>
      (INJECTIONS[call] ?? ALL).map((injection) => ({ call, index, injection })),
    ),
  )
}

for (const kind of ["a new log", "a log with a torn tail"] as const) {
  test.skipIf(!needsLinux)(`each system call fails once: ${kind}`, async () => {
    const template = kind === "a new log" ? undefined : await tornLog()
    const runtime = await runtimeCommand("node")
    const rig = { folder, program, template, runtime, threads: "steady" } as const
    const plan = await planOf(rig)
    const { failures, ...counts } = await failAll(rig, plan)
    console.log(`failed calls, ${kind}:`, JSON.stringify(counts))
    expect(failures.slice(0, 8)).toEqual([])
    const kills = plan.filter(({ injection }) => injection === "signal=SIGKILL").length
    expect(counts).toMatchObject({ runs: plan.length, killed: kills })
    // A call that kills is not printed as injected.
    // One in each thread that comes so far.
    expect(counts.injected).toBeGreaterThanOrEqual(plan.length - kills)
    expect(plan.length).toBeGreaterThan(150)
    expect(counts.told).toBeGreaterThan(60)
    expect(counts.acknowledged).toBeGreaterThan(plan.length)
    expect(counts.damaged).toBeGreaterThan(3)
  })
}

for (const { name, faults } of faultsFor("failures").filter(
  ({ name }) => name !== "partialWriteIgnored",
)) {
  test.skipIf(!needsLinux)(`failed calls show the planted fault ${name}`, async () => {
    const rig = {
      folder,
      program: await bundleProgram("order-writer.ts", folder, faults),
      template: undefined,
      runtime: await runtimeCommand("node"),
      threads: "steady",
    } as const
    const syncs = (await countCalls(rig)).get("fdatasync") ?? 0
    const plan = Array.from({ length: syncs }, (_, at) => {
      return { call: "fdatasync", index: at + 1, injection: "error=EIO" } as const
    })
    const { failures } = await failAll(rig, plan)
    console.log(`failed calls: ${name} found ${failures.length} times: ${failures[0]}`)
    expect(failures.length).toBeGreaterThan(0)
  })
}

for (const name of ["deno", "bun"] as const) {
  test.skipIf(!needsLinux)(`each write and sync of ${name} fails once`, async () => {
    const runtime = await runtimeCommand(name)
    const rig = { folder, program, template: undefined, runtime, threads: "changing" } as const
    const plan = (await planOf(rig)).filter(
      ({ call, injection }) => /write|sync/.test(call) && /EIO|ENOSPC|SIGKILL/.test(injection),
    )
    const { failures, ...counts } = await failAll(rig, plan)
    console.log(`failed calls, ${name}:`, JSON.stringify(counts))
    expect(failures.slice(0, 8)).toEqual([])
    expect(plan.length).toBeGreaterThan(60)
    expect(counts.injected).toBeGreaterThan(plan.length * 0.3)
    expect(counts.killed).toBeGreaterThan(plan.length * 0.15)
    expect(counts.told).toBeGreaterThan(plan.length * 0.3)
    expect(counts.acknowledged).toBeGreaterThan(plan.length)
  })
}

test("a short write is gone on with", async () => {
  const { runs, failures } = await shortWrites(openFsLog)
  console.log(`short writes: ${runs} runs`)
  expect(failures).toEqual([])
  expect(runs).toBeGreaterThan(60)
  for (const { name, faults } of faultsFor("failures")) {
    if (name !== "partialWriteIgnored") continue
    const planted = await shortWrites((await importLogFs(faults)).openFsLog)
    console.log(`short writes: ${name} found ${planted.failures.length} times`)
    expect(planted.failures.length).toBeGreaterThan(0)
  }
})
