import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { listFiles, ROOT } from "../../scripts/source-tree.ts"
import { equal, ok, rejection, same, thrown } from "./assert.ts"
import { type PortableSuite, runSuite, skip } from "./suite.ts"

const files = listFiles(["test/portable/**/*.portable.ts"])
const suites: PortableSuite[] = []
for (const file of files) {
  const { suite }: { suite: PortableSuite } = await import(join(ROOT, file))
  suites.push(suite)
}

for (const suite of suites) {
  describe(suite.name, () => {
    test.for(Object.entries(suite.tests))("%s", async ([name, run], context) => {
      const results = await runSuite({ name: suite.name, tests: { [name]: run } })
      const result = results.find(({ outcome }) => outcome === "skipped")
      if (result !== undefined) context.skip(result.detail)
      expect(results).toEqual([{ suite: suite.name, test: name, outcome: "passed", detail: "" }])
    })
  })
}

test("There are portable suites, no two have one name, and every one has tests", () => {
  expect(suites.length).toBeGreaterThan(1)
  expect(new Set(suites.map((each) => each.name)).size).toBe(suites.length)
  expect(suites.filter((each) => Object.keys(each.tests).length === 0)).toEqual([])
})

test("runSuite tells a failure and a skip from a pass", async () => {
  const results = await runSuite({
    name: "planted",
    tests: {
      good: () => {},
      bad: () => {
        throw new Error("planted fault")
      },
      rejected: () => Promise.reject(new Error("planted rejection")),
      missing: () => skip("no such thing"),
    },
  })
  expect(results.map((each) => each.outcome)).toEqual(["passed", "failed", "failed", "skipped"])
  expect(results[1]?.detail).toContain("planted fault")
  expect(results[2]?.detail).toContain("planted rejection")
  expect(results[3]?.detail).toBe("no such thing")
})

test("The portable assertions can say no", async () => {
  const faults: readonly (() => unknown)[] = [
    () => ok(0, "zero"),
    () => same([], []),
    () => same(0, -0),
    () => equal({ a: [1, 2] }, { a: [1, 3] }),
    () => equal({ a: 1 }, { a: 1, b: undefined }),
    () => equal([], {}),
    () => equal(new Uint8Array([1]), [1]),
    () => equal(new Uint8Array([1]), new Uint8Array([2])),
    () => equal(null, {}),
    () => thrown(() => 1),
  ]
  for (const fault of faults) expect(fault).toThrow(Error)
  await expect(rejection(Promise.resolve(1))).rejects.toThrow("fulfilled")
})

test("The portable assertions can say yes", async () => {
  const reason = new Error("why")
  ok(1, "one")
  same(Number.NaN, Number.NaN)
  equal({ a: [1, { b: new Uint8Array([1, 2]) }] }, { a: [1, { b: new Uint8Array([1, 2]) }] })
  expect(thrown(() => JSON.parse("{"))).toBeInstanceOf(SyntaxError)
  expect(await rejection(Promise.reject(reason))).toBe(reason)
})
