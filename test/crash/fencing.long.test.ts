import { openFsLog } from "@bellmouth/log-fs"
import { expect, test } from "vitest"
import { stopEverywhere } from "./fencing.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { raceWriters } from "./racing-writers.ts"

const RACES = 400
/** A planted fault does harm in one race of some hundreds. */
const MOST_RACES = 4000

test("a writer that is stopped anywhere and loses its lock harms nothing, and acknowledges what is there", async () => {
  const { failures, ...counts } = await stopEverywhere(openFsLog)
  console.log("stopped writers:", JSON.stringify(counts))
  expect(failures).toEqual([])
  expect(counts.fenced).toBeGreaterThan(60)
  expect(counts.acknowledged).toBeGreaterThan(5)
  expect(counts.locked).toBeLessThan(8)
})

test("writers that take a log over from one another all the time lose nothing that was acknowledged", async () => {
  const { failures, ...counts } = await raceWriters(openFsLog, RACES)
  console.log("racing writers:", JSON.stringify(counts))
  expect(failures).toEqual([])
  expect(counts.acknowledged).toBeGreaterThan(2 * RACES)
  expect(counts.fenced).toBeGreaterThan(RACES / 5)
})

for (const { name, faults } of faultsFor("races")) {
  test(`racing writers show the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    const { failures, races } = await raceWriters(open, MOST_RACES)
    console.log(name, "shows in race", races)
    expect(failures).not.toEqual([])
  })
}

for (const { name, faults } of faultsFor("fencing")) {
  test(`stopping a writer shows the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    expect((await stopEverywhere(open)).failures).not.toEqual([])
  })
}
