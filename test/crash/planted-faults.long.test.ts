import { expect, test } from "vitest"
import { importLogFs } from "./planted-fault.ts"
import { plantedFaults } from "./planted-faults.ts"

test("every planted fault has a test that has to find it", () => {
  expect(plantedFaults.length).toBeGreaterThanOrEqual(34)
  expect(new Set(plantedFaults.map(({ name }) => name)).size).toBe(plantedFaults.length)
  expect(plantedFaults.filter(({ layers }) => layers.length === 0)).toEqual([])
})

test("a fault whose place is gone is told, and not taken for one that was found", async () => {
  const gone = { file: "frames/frame.ts", from: "no such text", to: "" }
  await expect(importLogFs([gone])).rejects.toThrow(/does not hold once: no such text/)
  await expect(importLogFs([{ ...gone, file: "no-such-file.ts" }])).rejects.toThrow(/no file/)
})
