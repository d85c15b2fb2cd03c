import { type DefinedLaw, defineLaw, type LawPlan } from "../define-law.ts"
import type { LawContext, Run } from "../run.ts"
import { mostTaken } from "./backpressure.ts"

export const sinkLead: DefinedLaw = defineLaw({
  name: "sink-lead",
  rule: "Over a slow sink, a source is ahead by at most one chunk for each stage, and one more",
  why: "The slowest end must govern the whole chain, through every stage between.",
  plan: <I, O>({ profile }: LawContext<I, O>): LawPlan<I, O> =>
    profile.steps.flat().length === 0
      ? { skipped: "the subject gives nothing before its input has ended" }
      : [{ name: "one write at a time", run: slowSink }],
})

async function slowSink<I, O>(run: Run<I, O>): Promise<void> {
  const needed = mostTaken(run, 1) + 2
  const { length } = run.subject.inputs
  if (length < needed) run.vacuous(`at least ${needed} inputs`, `${length}`)
  const { source, readable } = run.pipe(run.subject.inputs, "close")
  const sink = run.sink({ held: true })
  const piping = readable.pipeTo(sink.writable)
  do {
    await run.turns.quiet()
    const begun = sink.chunks.length
    run.checkCount(source.given, mostTaken(run, begun) + 1, `chunks taken at write ${begun}`)
  } while (sink.release())
  await run.settle(piping)
  run.checkOutputs(sink.chunks, run.profile.outputs, "chunks at the sink")
}
