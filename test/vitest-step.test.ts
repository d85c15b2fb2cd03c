import { expect, test } from "vitest"
import { countVitest, type VitestReport, vitestStep } from "../scripts/vitest-step.ts"

const report = (
  passed: number,
  failed: number,
  files: VitestReport["testResults"] = [],
): VitestReport => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: files,
})

test("countVitest takes the tests' counts from the report", () => {
  expect(countVitest(report(5, 2), 1, "text")).toEqual({
    passed: 5,
    failed: 2,
    skipped: 2,
    output: "text",
  })
})

test("countVitest counts a file that failed before its first test", () => {
  const files = [
    { name: "a", status: "failed", assertionResults: [] },
    { name: "b", status: "failed", assertionResults: [{ status: "failed", fullName: "f" }] },
    { name: "c", status: "passed", assertionResults: [{ status: "passed", fullName: "p" }] },
  ]
  expect(countVitest(report(1, 1, files), 1, "").failed).toBe(2)
})

test("countVitest counts an exit code that no test explains", () => {
  expect(countVitest(report(3, 0), 1, "").failed).toBe(1)
  expect(countVitest(report(3, 0), 0, "").failed).toBe(0)
})

test("countVitest names what was not run", () => {
  const assertionResults = [
    { status: "passed", fullName: "a" },
    { status: "skipped", fullName: "b" },
    { status: "todo", fullName: "c" },
  ]
  const files = [{ name: "x", status: "passed", assertionResults }]
  expect(countVitest(report(1, 0, files), 0, "").note).toBe("not run: b\n     not run: c")
})

test("vitestStep shows what a Vitest that wrote no report has said", async () => {
  const { failed, output } = await vitestStep("no-such-project", 60_000).run()
  expect(failed).toBe(1)
  expect(output).toMatch(/no-such-project[^]*exit code 1/)
})
