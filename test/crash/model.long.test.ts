import { createMemoryLog } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { LogModel } from "./log-model.ts"
import { LogUnderTest } from "./log-under-test.ts"
import { commands, type ModelState } from "./model-commands.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"

const RUNS = Number(process.env["MODEL_RUNS"] ?? 1_000)
/** A planted fault has to be found within so many. */
const FAULT_RUNS = 2_000

/** How often each command has to have run, and what it has to have met, in a hundred runs. */
const FLOORS = {
  append: 100,
  produce: 150,
  "produce: new": 100,
  "produce: repeated": 20,
  "produce: FENCED": 3,
  "produce: SEQUENCE_GAP": 15,
  "produce: SEALED": 3,
  "compare and append": 50,
  "two writers": 50,
  read: 90,
  follow: 40,
  "catch up": 40,
  "caught up": 8,
  trim: 50,
  "trim: records": 25,
  seal: 12,
  fork: 50,
  "fork: a part": 20,
}
const DISK_FLOORS = {
  ...FLOORS,
  reopen: 50,
  crash: 50,
  "crash while appending": 50,
  "cut: acknowledged": 20,
  "cut: not acknowledged": 20,
}

/** Runs commands against the model and a log; gives what fast-check says of a failure. */
async function runModel(
  make: () => Promise<LogUnderTest>,
  isDurable: boolean,
  runs: number,
  seed: number,
  isPlanted = false,
): Promise<string | undefined> {
  const property = fc.asyncProperty(commands, async (list) => {
    const real = await make()
    const state: ModelState = { model: new LogModel(), isDurable }
    await fc.asyncModelRun(() => ({ model: state, real }), list)
  })
  const details = await fc.check(property, { numRuns: runs, seed, endOnFailure: isPlanted })
  return details.failed
    ? `${fc.defaultReportMessage(details)}\n${details.errorInstance}`
    : undefined
}

test("a log in memory does what the model does", async () => {
  const counts = new Map<string, number>()
  const make = async (): Promise<LogUnderTest> => LogUnderTest.inMemory(createMemoryLog(), counts)
  expect(await runModel(make, false, RUNS, 1)).toBeUndefined()
  console.log("model, memory:", JSON.stringify(Object.fromEntries(counts)))
  expectFloors(counts, FLOORS)
})

test("a log on disk does what the model does, through power cuts", async () => {
  const counts = new Map<string, number>()
  const make = (): Promise<LogUnderTest> => LogUnderTest.onDisk(openFsLog, counts)
  expect(await runModel(make, true, RUNS, 2)).toBeUndefined()
  console.log("model, disk:", JSON.stringify(Object.fromEntries(counts)))
  expectFloors(counts, DISK_FLOORS)
})

for (const { name, faults } of faultsFor("model")) {
  test(`the model finds the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    const make = (): Promise<LogUnderTest> => LogUnderTest.onDisk(open, new Map())
    const failure = await runModel(make, true, FAULT_RUNS, 3, true)
    // Found by a claim that does not hold, and not because nothing works.
    expect(failure).toMatch(/AssertionError|LogError/)
    const [tests = ""] = /after \d+ tests?/.exec(failure ?? "") ?? []
    const [why = ""] = /(AssertionError|LogError).*/.exec(failure ?? "") ?? []
    console.log(`model: ${name} found ${tests}: ${why}`)
  })
}

function expectFloors(counts: ReadonlyMap<string, number>, floors: Record<string, number>): void {
  for (const [name, floor] of Object.entries(floors)) {
    expect(counts.get(name) ?? 0, name).toBeGreaterThan((floor * RUNS) / 100)
  }
}
