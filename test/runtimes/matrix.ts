import type { PortableResult } from "../portable/suite.ts"

/** What one environment made of the portable suites. */
export interface EnvironmentReport {
  readonly name: string
  readonly version: string
  readonly results: readonly PortableResult[]
  /** What went wrong outside the tests; empty when nothing did. */
  readonly fault: string
}

/** What a matrix adds up to. */
export interface MatrixSummary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** The table, one row a suite, one column an environment. */
  readonly table: string
  /** One entry for each failure. */
  readonly failures: readonly string[]
  /** One entry for each reason to skip: how many tests, and where. */
  readonly skips: readonly string[]
}

/**
 * Sums up what the environments reported. An environment that did not run exactly the tests that
 * are expected has failed, however well those did that it ran.
 *
 * @param expected - The tests that there are, as `suite > test`.
 * @param minTests - Fewer than this mean that the suites were not found.
 */
export function summarizeMatrix(
  reports: readonly EnvironmentReport[],
  expected: readonly string[],
  minTests: number,
): MatrixSummary {
  const failures: string[] = []
  if (expected.length < minTests) {
    failures.push(`There are ${expected.length} portable tests, fewer than ${minTests}`)
  }
  const skips = new Map<string, string[]>()
  let passed = 0
  let skipped = 0
  for (const { name, results, fault } of reports) {
    const seen = results.map(titleOf)
    const missing = expected.filter((title) => !seen.includes(title))
    if (fault !== "") failures.push(`${name}: ${fault}`)
    if (missing.length > 0 || seen.length !== expected.length) {
      failures.push(
        `${name} ran ${seen.length} of ${expected.length} tests; not ${missing.slice(0, 3).join(", ")}`,
      )
    }
    for (const result of results) {
      const line = `${name}: ${titleOf(result)}`
      if (result.outcome === "passed") {
        passed++
      } else if (result.outcome === "skipped") {
        skipped++
        skips.set(result.detail, [...(skips.get(result.detail) ?? []), name])
      } else failures.push(`${line}\n  ${result.detail.replaceAll("\n", "\n  ")}`)
    }
  }
  return {
    passed,
    failed: failures.length,
    skipped,
    table: formatTable(reports),
    failures,
    skips: [...skips].map(([reason, names]) => describeSkips(reason, names, reports.length)),
  }
}

function describeSkips(reason: string, names: readonly string[], environments: number): string {
  const where = [...new Set(names)]
  const each = names.length / where.length
  const place = where.length === environments ? "everywhere" : `on ${where.join(", ")}`
  return `${Number.isInteger(each) ? `${each} ${each === 1 ? "test" : "tests"} ` : ""}${place}: ${reason}`
}

/** The name by which a test is counted. */
export function titleOf({ suite, test }: Pick<PortableResult, "suite" | "test">): string {
  return `${suite} > ${test}`
}

function formatTable(reports: readonly EnvironmentReport[]): string {
  const suites = [...new Set(reports.flatMap(({ results }) => results.map((each) => each.suite)))]
  const rows = [
    ["suite", ...reports.map(({ name }) => name)],
    ["", ...reports.map(({ version }) => version)],
    ...suites.map((suite) => [suite, ...reports.map((report) => cell(report, suite))]),
    ["all", ...reports.map((report) => cell(report, undefined))],
  ]
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** `passed/run`, with the number of skips when there are any. */
function cell({ results }: EnvironmentReport, suite: string | undefined): string {
  const own = results.filter((each) => suite === undefined || each.suite === suite)
  const count = (outcome: string) => own.filter((each) => each.outcome === outcome).length
  const skipped = count("skipped")
  return `${count("passed")}/${own.length - skipped}${skipped > 0 ? ` -${skipped}` : ""}`
}
