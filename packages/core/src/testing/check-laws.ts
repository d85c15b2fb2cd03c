import { contextOf } from "./define-law.ts"
import { definedLaws } from "./defined-laws.ts"
import type { LawName, LawResult } from "./law.ts"
import { LawError } from "./law-error.ts"
import type { LawOptions } from "./law-options.ts"
import type { Subject } from "./subject.ts"

/** Which laws are checked, and how. */
export interface CheckLawsOptions extends LawOptions {
  /** Checks these laws and no others. */
  readonly only?: readonly LawName[]
  /** Leaves laws out, each with the reason why, which the report repeats. */
  readonly except?: Readonly<Partial<Record<LawName, string>>>
}

/** What `checkLaws` found. */
export interface LawReport {
  /** One result for each law that was checked or skipped, in the order of `laws`. */
  readonly results: readonly LawResult[]
  readonly held: number
  readonly skipped: number
  readonly cases: number
  readonly checks: number
}

/**
 * Holds a transform to every law, and resolves with what was seen.
 *
 * The subject is made afresh for every case and is run in counted turns, without timers, so a
 * transform that hangs fails within milliseconds. Works in every runtime, in any test framework or
 * none.
 *
 * @throws {LawError} for the first law that does not hold; `also` names the others
 * @throws {RangeError} when an option is not a whole number in its range
 *
 * @example A stage of one's own
 * ```ts
 * import assert from "node:assert/strict"
 * import { stage } from "@bellmouth/core"
 * import { checkLaws } from "@bellmouth/core/testing"
 *
 * const report = await checkLaws({
 *   create: () =>
 *     stage<number, number>({
 *       transform: (chunk, controller) => controller.enqueue(chunk * 2),
 *     }),
 *   inputs: [1, 2, 3, 4],
 *   outputs: [2, 4, 6, 8],
 * })
 * assert.ok(report.held >= 11)
 * ```
 */
export async function checkLaws<I, O>(
  subject: Subject<I, O>,
  options: CheckLawsOptions = {},
): Promise<LawReport> {
  const { only, except = {} } = options
  const context = await contextOf(subject, options)
  const results: LawResult[] = []
  const broken: LawError[] = []
  for (const law of definedLaws) {
    if (only !== undefined && !only.includes(law.name)) continue
    const reason = except[law.name]
    if (reason !== undefined) {
      results.push({ law: law.name, state: "skipped", reason })
      continue
    }
    try {
      results.push(await law.judge(context))
    } catch (error) {
      if (!(error instanceof LawError)) throw error
      broken.push(error)
    }
  }
  const [first, ...others] = broken
  if (first === undefined) return reportOf(results)
  first.also = others.map((other) => other.law)
  throw first
}

function reportOf(results: readonly LawResult[]): LawReport {
  const held = results.flatMap((result) => (result.state === "held" ? [result] : []))
  return {
    results,
    held: held.length,
    skipped: results.length - held.length,
    cases: held.reduce((sum, result) => sum + result.cases, 0),
    checks: held.reduce((sum, result) => sum + result.checks, 0),
  }
}
