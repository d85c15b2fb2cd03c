import { openFsLog } from "@bellmouth/log-fs"
import { expect, test } from "vitest"
import { type DamageCounts, damageCases, judgeDamage, lockCases } from "./damage.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"

const newCounts = (): DamageCounts => ({ cases: 0, told: 0, harmless: 0, failures: [] })

test("no flipped bit and no misplaced frame is served or makes a log silently shorter", async () => {
  const counts = newCounts()
  for await (const each of damageCases(openFsLog, 1)) await judgeDamage(openFsLog, each, counts)
  const { failures, ...seen } = counts
  console.log("damage:", JSON.stringify(seen))
  expect(failures.slice(0, 5)).toEqual([])
  expect(seen.cases).toBeGreaterThan(30_000)
  expect(seen.told).toBeGreaterThan(25_000)
  expect(seen.harmless).toBeGreaterThan(1_000)
})

test("a flipped bit of a dead writer's lock keeps others out, or does nothing", async () => {
  const counts = newCounts()
  for await (const each of lockCases(openFsLog)) await judgeDamage(openFsLog, each, counts)
  const { failures, ...seen } = counts
  console.log("damaged locks:", JSON.stringify(seen))
  expect(failures.slice(0, 5)).toEqual([])
  expect(seen.told).toBeGreaterThan(300)
  expect(seen.harmless).toBeGreaterThan(50)
})

for (const { name, faults } of faultsFor("damage")) {
  test(`damage shows the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    const counts = newCounts()
    for await (const each of damageCases(open, 7)) {
      await judgeDamage(open, each, counts)
      if (counts.failures.length > 0) break
    }
    console.log(`damage: ${name} found after ${counts.cases} cases: ${counts.failures[0]}`)
    expect(counts.failures.length).toBeGreaterThan(0)
  })
}
