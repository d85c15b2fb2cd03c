import { expect, test } from "vitest"
import { newTrimReport, trimCuts } from "./trim-cuts.ts"

const SEEDS = 1_500

test("power cuts while a log is trimmed: it begins where it was told, and nothing after is lost", async () => {
  const report = newTrimReport()
  for (let seed = 1; seed <= SEEDS; seed++) await trimCuts(seed, report)
  const { failures, ...counts } = report
  console.log("trims:", JSON.stringify(counts))
  expect(failures.slice(0, 5)).toEqual([])
  expect(counts.states).toBe(SEEDS * 4)
  expect(counts.trimmed).toBeGreaterThan(SEEDS)
  expect(counts.leftovers).toBeGreaterThan(SEEDS * 0.02)
})
