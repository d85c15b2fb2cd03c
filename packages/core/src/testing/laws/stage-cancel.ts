import { type DefinedLaw, defineLaw, type LawPlan } from "../define-law.ts"
import { givenReason } from "../reasons.ts"
import type { LawContext, Run } from "../run.ts"

export const stageCancel: DefinedLaw = defineLaw({
  name: "stage-cancel",
  rule: "Cancel and abort call the `cancel` of every stage once, with the same reason",
  why: "A stage that holds a handle, a worker or a lock has no other moment to let go of it.",
  departures: [
    {
      where: "Chromium, Firefox, Safari",
      why: "they do not call `transformer.cancel`",
    },
  ],
  plan: <I, O>({ subject }: LawContext<I, O>): LawPlan<I, O> =>
    subject.probed
      ? [
          { name: "cancelled", run: cancelled },
          { name: "aborted", run: aborted },
        ]
      : { skipped: "the subject is not `probed`" },
})

async function cancelled<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("cancelled")
  const { readable } = run.pipe(run.subject.inputs, "idle")
  await run.turns.quiet()
  await run.settle(readable.cancel(reason))
  checkStages(run, reason)
}

async function aborted<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted")
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const reading = run.take(pair.readable.getReader())
  await run.turns.quiet()
  await run.settle(writer.abort(reason))
  await reading
  checkStages(run, reason)
}

function checkStages<I, O>(run: Run<I, O>, reason: unknown): void {
  const { stages = 1 } = run.subject.limits ?? {}
  const { length } = run.stageCancels
  run.check(length === stages, `${stages} calls of a stage's cancel`, `${length}`)
  for (const seen of run.stageCancels) run.checkSame(seen, reason, "the reason of a stage's cancel")
}
