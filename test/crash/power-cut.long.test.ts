import { expect, test } from "vitest"
import { CUTS, crashStates, newReport, STATES_PER_CUT } from "./crash-states.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { mutants } from "./power-cut-mutants.ts"
import { newProducerReport, producerCuts } from "./producer-cuts.ts"

/** Each gives 36 states, so that there are 100,000. */
const SEEDS = Number(process.env.POWER_CUT_SEEDS ?? 2_800)
/** A planted fault has to be found within so many. */
const MUTANT_SEEDS = 300

test("power cuts: nothing acknowledged is lost, and every log opens again", async () => {
  const report = newReport()
  for (let seed = 1; seed <= SEEDS; seed++) await crashStates(seed, report)
  const { failures, ...counts } = report
  console.log("power cuts:", JSON.stringify(counts))
  expect(failures.slice(0, 5)).toEqual([])
  expect(counts.states).toBe(SEEDS * CUTS * STATES_PER_CUT)
  // Floors: a run that has seen nothing has shown nothing.
  expect(counts.acknowledged).toBeGreaterThan(SEEDS * 5)
  expect(counts.recoveries).toBeGreaterThan(SEEDS * 0.05)
  expect(counts.unknown).toBeGreaterThan(SEEDS * 0.3)
  expect(counts.writesLost).toBeGreaterThan(SEEDS)
  expect(counts.writesTorn).toBeGreaterThan(SEEDS)
  expect(counts.namesLost).toBeGreaterThan(SEEDS * 0.2)
})

for (const [name, mutant] of Object.entries(mutants)) {
  test(`power cuts find the planted fault: ${name}`, async () => {
    const report = newReport()
    let seed = 1
    for (; seed <= MUTANT_SEEDS && report.failures.length === 0; seed++) {
      await crashStates(seed, report, { wrap: mutant })
    }
    console.log(`power cuts: "${name}" found after ${seed - 1} seeds: ${report.failures[0]}`)
    expect(report.failures.length).toBe(1)
  })
}

for (const { name, faults } of faultsFor("states")) {
  test(`power cuts find the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    const report = newReport()
    let seed = 1
    for (; seed <= MUTANT_SEEDS && report.failures.length === 0; seed++) {
      await crashStates(seed, report, { open })
    }
    console.log(`power cuts: ${name} found after ${seed - 1} seeds: ${report.failures[0]}`)
    expect(report.failures.length).toBe(1)
  })
}

test("power cuts: a producer that sends on until it is acknowledged stores each batch once", async () => {
  const seeds = Math.ceil(SEEDS / 10)
  const report = newProducerReport()
  for (let seed = 1; seed <= seeds; seed++) await producerCuts(seed, report)
  const { failures, ...counts } = report
  console.log("producers:", JSON.stringify(counts))
  expect(failures.slice(0, 5)).toEqual([])
  expect(counts.states).toBeGreaterThan(seeds * 2)
  expect(counts.repeated).toBeGreaterThan(seeds * 0.1)
})

test("power cuts find the planted fault: a log that is not told who sends", async () => {
  const report = newProducerReport()
  let seed = 1
  for (; seed <= MUTANT_SEEDS && report.duplicated === 0; seed++) {
    await producerCuts(seed, report, false)
  }
  console.log(`producers: ${report.duplicated} records twice after ${seed - 1} seeds`)
  expect(report.duplicated).toBeGreaterThan(0)
})
