import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { inputsFor } from "../profile.ts"
import type { LawContext, Run } from "../run.ts"

export const sinkError: DefinedLaw = defineLaw({
  name: "sink-error",
  rule: "A sink's error reaches the source's cancel, and whoever piped, with the same reason",
  why: "The source must stop and free what it holds, and must be able to say why.",
  plan: <I, O>({ profile }: LawContext<I, O>): readonly LawCase<I, O>[] => {
    const last = profile.outputs.length - 1
    return [...new Set([0, Math.max(0, Math.min(1, last)), Math.max(0, Math.floor(last / 2))])].map(
      (index): LawCase<I, O> => ({
        name: `at write ${index + 1}`,
        run: (run) => failAt(run, index),
      }),
    )
  },
})

async function failAt<I, O>(run: Run<I, O>, index: number): Promise<void> {
  const { profile, subject } = run
  if (profile.outputs.length <= index) run.vacuous(`at least ${index + 1} outputs`, "fewer")
  const reason = new Error("the sink fails")
  // outputs of close come when the source has ended: by then it has nothing to cancel
  const over = sourceIsOver(run, index)
  const { source, readable } = run.pipe(subject.inputs, over ? "close" : "idle")
  const sink = run.sink({ failAt: { index, reason } })
  const piping = held(readable.pipeTo(sink.writable))
  run.checkRejected(await run.settle(piping), reason, "pipeTo")
  if (over) return
  await run.turns.quiet()
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
}

function sourceIsOver<I, O>({ profile }: Run<I, O>, index: number): boolean {
  const fromSteps = profile.steps.flat().length
  const { terminatedAfter } = profile
  if (terminatedAfter !== undefined) return inputsFor(profile, index + 1) >= terminatedAfter
  return index >= fromSteps
}
