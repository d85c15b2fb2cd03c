import { expect, test } from "vitest"
import type { PortableResult } from "./portable/suite.ts"
import { type EnvironmentReport, summarizeMatrix } from "./runtimes/matrix.ts"

const result = (test: string, outcome: PortableResult["outcome"], detail = ""): PortableResult => ({
  suite: "s",
  test,
  outcome,
  detail,
})

const report = (
  name: string,
  results: readonly PortableResult[],
  fault = "",
): EnvironmentReport => ({ name, version: "1.0", results, fault })

const expected = ["s > a", "s > b"]

test("summarizeMatrix counts every test of every environment", () => {
  const results = [result("a", "passed"), result("b", "passed")]
  const summary = summarizeMatrix([report("x", results), report("y", results)], expected, 2)
  expect(summary).toMatchObject({ passed: 4, failed: 0, skipped: 0, failures: [], skips: [] })
  expect(summary.table.split("\n").at(-1)).toMatch(/^all +2\/2 +2\/2$/)
})

test("summarizeMatrix fails an environment that ran less than there is", () => {
  const summary = summarizeMatrix([report("x", [result("a", "passed")])], expected, 2)
  expect(summary.failures).toEqual(["x ran 1 of 2 tests; not s > b"])
})

test("summarizeMatrix fails an environment that ran a test twice", () => {
  const twice = [result("a", "passed"), result("b", "passed"), result("b", "passed")]
  expect(summarizeMatrix([report("x", twice)], expected, 2).failed).toBe(1)
})

test("summarizeMatrix fails an environment that ended badly, though all tests passed", () => {
  const results = [result("a", "passed"), result("b", "passed")]
  const summary = summarizeMatrix([report("x", results, "it ended with 1")], expected, 2)
  expect(summary.failures).toEqual(["x: it ended with 1"])
})

test("summarizeMatrix fails when there are fewer tests than the floor", () => {
  expect(summarizeMatrix([report("x", [])], [], 1).failures).toEqual([
    "There are 0 portable tests, fewer than 1",
  ])
})

test("summarizeMatrix names each failure and groups skips by their reason", () => {
  const summary = summarizeMatrix(
    [
      report("x", [result("a", "failed", "why"), result("b", "skipped", "no transfer")]),
      report("y", [result("a", "passed"), result("b", "skipped", "no transfer")]),
      report("z", [result("a", "passed"), result("b", "skipped", "no clock")]),
    ],
    expected,
    2,
  )
  expect(summary).toMatchObject({ passed: 2, failed: 1, skipped: 3 })
  expect(summary.failures).toEqual(["x: s > a\n  why"])
  expect(summary.skips).toEqual(["1 test on x, y: no transfer", "1 test on z: no clock"])
})
