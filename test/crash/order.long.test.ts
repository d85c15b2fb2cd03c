import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { needsLinux } from "./needs.ts"
import { judgeFailures, judgeOrder } from "./order-oracle.ts"
import { bundleProgram } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { readReference } from "./reference-reader.ts"
import { runtimeCommand, trace } from "./trace.ts"

const RECORDS = 12
/** The second run is on the log of the first, and each makes some segments. */
const RUNS = 2
/** What the last run appends to a fork of the log at as many records as a run makes. */
const FORK_RECORDS = 2

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-order-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function findings(runtime: "node" | "deno" | "bun", program: string) {
  const log = join(folder, crypto.randomUUID(), "made", "log")
  const violations: string[] = []
  let acknowledged = 0
  for (let run = 0; run < RUNS; run++) {
    const command = await runtimeCommand(runtime)
    const { calls } = await trace(folder, [
      ...[...command, program, log, `${run}`, `${RECORDS}`],
      ...(run === RUNS - 1 ? ["last"] : []),
    ])
    const found = judgeOrder(calls, log)
    violations.push(...found.violations)
    acknowledged += found.acknowledged
  }
  return { log, violations, acknowledged }
}

for (const runtime of ["node", "deno", "bun"] as const) {
  test.skipIf(!needsLinux)(
    `${runtime} acknowledges what is on disk, and names what is`,
    async () => {
      const program = await bundleProgram("order-writer.ts", folder)
      const { log, violations, acknowledged } = await findings(runtime, program)
      console.log(
        `order in ${runtime}: ${acknowledged} acknowledgements, ${violations.length} wrong`,
      )
      expect(violations).toEqual([])
      expect(acknowledged).toBe(RUNS * RECORDS + FORK_RECORDS)
      expect(readReference(log).records).toHaveLength(RUNS * RECORDS)
      expect(readReference(`${log}.fork`).records).toHaveLength(RECORDS + FORK_RECORDS)
      expect(existsSync(join(log, "sealed"))).toBe(true)
    },
  )
}

for (const runtime of ["node", "deno", "bun"] as const) {
  test.skipIf(!needsLinux)(
    `${runtime} leaves a file alone whose fdatasync has failed`,
    async () => {
      const log = join(folder, crypto.randomUUID())
      const program = await bundleProgram("order-writer.ts", folder)
      const command = [...(await runtimeCommand(runtime)), program, log, "1", `${RECORDS}`]
      // Each thread counts for itself; the first of a segment is that of opening it.
      const { calls, injected, stdout } = await trace(folder, command, [
        ...["00000000000000000000.log", "tail"].flatMap((name) => ["-P", join(log, name)]),
        ...["-e", "inject=fdatasync:error=EIO:when=2+"],
      ])
      expect(injected).toBe(1)
      expect(judgeFailures(calls, [])).toEqual([])
      expect(stdout).toMatch(/^failed/m)
      expect(stdout).not.toMatch(/^failed[^]*^ack/m)
    },
  )
}

for (const { name, faults } of faultsFor("order")) {
  test.skipIf(!needsLinux)(`the order of calls shows the planted fault ${name}`, async () => {
    const { violations } = await findings(
      "node",
      await bundleProgram("order-writer.ts", folder, faults),
    )
    console.log(`order: ${name} found ${violations.length} times: ${violations[0]}`)
    expect(violations.length).toBeGreaterThan(0)
  })
}
