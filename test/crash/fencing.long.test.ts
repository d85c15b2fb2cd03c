import { openFsLog } from "@bellmouth/log-fs"
import { expect, test } from "vitest"
import { stopEverywhere } from "./fencing.ts"
import { importLogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"

test("a writer that is stopped anywhere and loses its lock harms nothing, and acknowledges what is there", async () => {
  const { failures, ...counts } = await stopEverywhere(openFsLog)
  console.log("stopped writers:", JSON.stringify(counts))
  expect(failures).toEqual([])
  expect(counts.fenced).toBeGreaterThan(60)
  expect(counts.acknowledged).toBeGreaterThan(5)
  expect(counts.locked).toBeLessThan(8)
})

for (const { name, faults } of faultsFor("fencing")) {
  test(`stopping a writer shows the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    expect((await stopEverywhere(open)).failures).not.toEqual([])
  })
}
