import type { Departure, Law, LawName, LawResult } from "./law.ts"
import { LawError } from "./law-error.ts"
import { type LawOptions, resolveLawOptions } from "./law-options.ts"
import { profileOf } from "./profile.ts"
import { type LawContext, Run } from "./run.ts"
import type { Subject } from "./subject.ts"

/** One case of a law: it throws through the run that it is given. */
export interface LawCase<I, O> {
  readonly name: string
  /** The seed that chance took part with. */
  readonly seed?: number
  run(run: Run<I, O>): Promise<void>
}

/** The cases of a law for one subject, or why it has none. */
export type LawPlan<I, O> = readonly LawCase<I, O>[] | { readonly skipped: string }

/** What a law's file says. */
export interface LawDefinition {
  readonly name: LawName
  readonly rule: string
  readonly why: string
  readonly departures?: readonly Departure[]
  plan<I, O>(context: LawContext<I, O>): LawPlan<I, O>
}

/** A law that can also be judged with a profile that is already there. */
export interface DefinedLaw extends Law {
  judge<I, O>(context: LawContext<I, O>): Promise<LawResult>
}

/** Makes a law out of its definition: runs each case, and holds each to having seen something. */
export function defineLaw(definition: LawDefinition): DefinedLaw {
  const { name, rule, why, departures = [] } = definition
  const judge = async <I, O>(context: LawContext<I, O>): Promise<LawResult> => {
    const plan = definition.plan(context)
    if ("skipped" in plan) return { law: name, state: "skipped", reason: plan.skipped }
    let checks = 0
    for (const each of plan) {
      const run = new Run(name, each.name, each.seed, context)
      await runCase(each, run)
      if (run.checks === 0) run.vacuous("at least one comparison", "none")
      checks += run.checks
    }
    if (plan.length === 0) {
      new Run(name, "any", undefined, context).vacuous("at least one case", "none")
    }
    return { law: name, state: "held", cases: plan.length, checks }
  }
  return {
    name,
    rule,
    why,
    departures,
    judge,
    check: async (subject, options = {}) => judge(await contextOf(subject, options)),
  }
}

/** Feeds the subject once to learn what it does; every law is judged on that. */
export async function contextOf<I, O>(
  subject: Subject<I, O>,
  options: LawOptions,
): Promise<LawContext<I, O>> {
  const resolved = resolveLawOptions(options)
  return { subject, options: resolved, profile: await profileOf(subject, resolved) }
}

async function runCase<I, O>(each: LawCase<I, O>, run: Run<I, O>): Promise<void> {
  try {
    await each.run(run)
  } catch (error) {
    if (error instanceof LawError) throw error
    run.threw(error)
  }
}
