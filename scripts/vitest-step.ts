import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runCommand } from "./command.ts"
import { ROOT } from "./source-tree.ts"
import type { Step, StepResult } from "./step.ts"

/** What is read of Vitest's JSON report. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Runs a Vitest project and counts its tests. */
export function vitestStep(project: string, timeoutMs: number): Step {
  return {
    name: project,
    async run() {
      const folder = mkdtempSync(join(tmpdir(), "bellmouth-vitest-"))
      try {
        const file = join(folder, "report.json")
        const vitest = join(ROOT, "node_modules/.bin/vitest")
        const { code, output } = await runCommand(
          vitest,
          [
            "run",
            "--project",
            project,
            "--reporter=default",
            "--reporter=json",
            `--outputFile.json=${file}`,
            "--passWithNoTests",
          ],
          { timeoutMs },
        )
        // Vitest that was stopped, or could not begin, has told why in its output alone.
        if (!existsSync(file)) return unreported(code, output)
        return countVitest(JSON.parse(readFileSync(file, "utf8")), code, output)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

function unreported(code: number, output: string): StepResult {
  const text = `${output}\nVitest wrote no report; exit code ${code}`
  return { passed: 0, failed: 1, skipped: 0, output: text }
}

/**
 * The counts of a report. A file that failed without a failed test of its own, and an exit code that
 * no failed test explains, count as one failure each.
 */
export function countVitest(report: VitestReport, code: number, output: string): StepResult {
  const broken = report.testResults.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every((each) => each.status !== "failed"),
  ).length
  const skipped = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status !== "passed" && status !== "failed")
  const counted = report.numFailedTests + broken
  const failed = counted === 0 && code !== 0 ? 1 : counted
  return {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
    output,
    ...(skipped.length > 0 && {
      note: skipped.map(({ fullName }) => `not run: ${fullName}`).join("\n     "),
    }),
  }
}
