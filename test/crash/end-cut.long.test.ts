import { expect, test } from "vitest"
import { endCuts, newEndReport } from "./end-cuts.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"

const SEEDS = 3_000
const FAULT_SEEDS = 1_000

test("power cuts around seals and forks: a seal is there or not, a fork is whole or no log", async () => {
  const report = newEndReport()
  for (let seed = 1; seed <= SEEDS; seed++) await endCuts(seed, report)
  const { failures, ...counts } = report
  console.log("ends:", JSON.stringify(counts))
  expect(failures.slice(0, 5)).toEqual([])
  expect(counts.states).toBe(SEEDS)
  for (const seen of ["sealed", "forked", "unfinished"] as const) {
    expect(counts[seen], seen).toBeGreaterThan(SEEDS * 0.05)
  }
  for (const seen of ["sealedUnasked", "forkedUnasked"] as const) {
    expect(counts[seen], seen).toBeGreaterThan(SEEDS * 0.005)
  }
})

for (const { name, faults } of faultsFor("ends")) {
  test(`power cuts around seals and forks find ${name}`, async () => {
    const { openFsLog } = await importLogFs(faults)
    const report = newEndReport()
    for (let seed = 1; seed <= FAULT_SEEDS && report.failures.length === 0; seed++) {
      await endCuts(seed, report, openFsLog)
    }
    expect(report.failures.length).toBeGreaterThan(0)
  })
}
