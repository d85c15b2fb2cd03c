import { repairFsLog } from "@bellmouth/log-fs"
import { expect, test } from "vitest"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { repairs } from "./repairs.ts"

test("a repair gives all but the batch that was hit, and keeps what was damaged", async () => {
  const { failures, ...counts } = await repairs(repairFsLog, 7)
  console.log("repairs:", JSON.stringify(counts))
  expect(failures).toEqual([])
  expect(counts.repaired).toBeGreaterThan(800)
  expect(counts.lost).toBeGreaterThan(1_000)
})

for (const { name, faults } of faultsFor("repair")) {
  test(`repairs show the planted fault ${name}`, async () => {
    const { repairFsLog: repair } = await importLogFs(faults)
    expect((await repairs(repair, 61)).failures).not.toEqual([])
  })
}
