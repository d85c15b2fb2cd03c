import { type CommandOptions, runCommand } from "./command.ts"

/** What a step counted, and what a reader needs to act on a failure. */
export interface StepResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Printed in full when something failed. */
  readonly output: string
  /** One line printed in any case. */
  readonly note?: string
}

/** One part of a check: a name and how to run it. */
export interface Step {
  readonly name: string
  run(): Promise<StepResult>
}

/** A step that is one command: it passes when the command exits with 0. */
export function commandStep(
  name: string,
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Step {
  return {
    name,
    async run() {
      const { code, output } = await runCommand(command, args, options)
      const failed = code === 0 ? 0 : 1
      return { passed: 1 - failed, failed, skipped: 0, output: `${output}\nexit code ${code}` }
    },
  }
}

/** A step that passes when it finds nothing wrong; each finding is one line. */
export function findingsStep(name: string, find: () => Promise<Findings>): Step {
  return {
    name,
    async run() {
      const { checked, findings, note } = await find()
      return {
        passed: Math.max(0, checked - findings.length),
        failed: findings.length,
        skipped: 0,
        output: findings.join("\n"),
        ...(note === undefined ? {} : { note }),
      }
    },
  }
}

export interface Findings {
  /** How many things were looked at. */
  readonly checked: number
  readonly findings: readonly string[]
  readonly note?: string
}

/**
 * Runs steps one after the other, prints each with its counts and time, and ends with a line
 * `N passed, N failed`. A step that throws, or that counts nothing at all, has failed.
 *
 * @returns Whether nothing failed.
 */
export async function runSteps(
  steps: readonly Step[],
  print: (line: string) => void,
): Promise<boolean> {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  for (const step of steps) {
    const started = performance.now()
    const result = await runStep(step)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    sum.passed += result.passed
    sum.failed += result.failed
    sum.skipped += result.skipped
    if (result.failed > 0) {
      failures.push(step.name)
      print(`\n--- ${step.name} ---\n${result.output.trim()}\n`)
    }
    const mark = result.failed > 0 ? "FAIL" : "ok"
    print(`${mark.padEnd(5)}${step.name.padEnd(12)}${counts(result).padEnd(36)}${seconds} s`)
    if (result.note !== undefined) print(`     ${result.note}`)
  }
  if (failures.length > 0) print(`\nFailed: ${failures.join(", ")}`)
  print(counts(sum))
  return sum.failed === 0
}

async function runStep(step: Step): Promise<StepResult> {
  try {
    const result = await step.run()
    if (result.passed + result.failed > 0) return result
    const output = `${result.output}\nThe step ran nothing`
    return { ...result, failed: 1, output }
  } catch (error) {
    const output = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { passed: 0, failed: 1, skipped: 0, output }
  }
}

/** `3 passed, 0 failed`, and what was skipped when there is any. */
function counts(result: Pick<StepResult, "passed" | "failed" | "skipped">): string {
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : ""
  return `${result.passed} passed, ${result.failed} failed${skipped}`
}
