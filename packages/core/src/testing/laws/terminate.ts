import { type DefinedLaw, defineLaw, type LawPlan } from "../define-law.ts"
import { held } from "../held.ts"
import type { LawContext, Run } from "../run.ts"

export const terminate: DefinedLaw = defineLaw({
  name: "terminate",
  rule: "A stage that ends by itself closes its readable, refuses input, and cancels its source",
  why: "`take(3)` of an endless source must end the source too.",
  plan: <I, O>({ profile }: LawContext<I, O>): LawPlan<I, O> =>
    profile.terminatedAfter === undefined || profile.ending !== "closed"
      ? { skipped: "the subject takes all its inputs" }
      : [
          { name: "piped", run: piped },
          { name: "written", run: written },
        ],
})

async function piped<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe(run.subject.inputs, "idle")
  const { chunks, ending } = await run.take(readable.getReader())
  run.checkOutputs(chunks, run.profile.outputs, "outputs")
  run.checkEnding(ending, "closed", "the end")
  await run.turns.quiet()
  run.check(source.cancels.length === 1, "one cancel", `${source.cancels.length}`)
  const { stages = 1, readAhead = stages } = run.subject.limits ?? {}
  const most = (run.profile.terminatedAfter ?? 0) + readAhead
  run.checkCount(source.given, most, "chunks taken from the source")
}

async function written<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const taking = run.take(pair.readable.getReader())
  const { inputs } = run.subject
  const writes = held(Promise.allSettled(inputs.map((input) => writer.write(input))))
  run.checkEnding((await taking).ending, "closed", "the end")
  await run.settle(writes)
  for (const input of inputs.slice(0, 1)) {
    run.checkState(await run.settle(writer.write(input)), "rejected", "write() after the end")
  }
}
