import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { outputsOf } from "../profile.ts"
import type { LawContext, Run } from "../run.ts"

export const sourceError: DefinedLaw = defineLaw({
  name: "source-error",
  rule: "A source's error reaches the reader and the sink with the same reason, after what was read",
  why: "Callers tell errors apart by identity and fields; a copy or a wrapper takes both away.",
  plan: <I, O>({ profile }: LawContext<I, O>): readonly LawCase<I, O>[] => {
    const most = (profile.terminatedAfter ?? profile.steps.length + 1) - 1
    const counts = [...new Set([0, Math.min(1, most), most])]
    return [
      ...counts.map(
        (count): LawCase<I, O> => ({
          name: `after ${count} inputs, all read`,
          run: (run) => afterReading(run, count),
        }),
      ),
      ...counts.map(
        (count): LawCase<I, O> => ({
          name: `right behind ${count} inputs`,
          run: (run) => rightBehind(run, count),
        }),
      ),
      { name: "down to a sink", run: toSink },
    ]
  },
})

/** All that the inputs gave is read before the source errors, so all of it must be seen. */
async function afterReading<I, O>(run: Run<I, O>, count: number): Promise<void> {
  const reason = new Error("the source fails")
  const { source, readable } = run.pipe(run.subject.inputs.slice(0, count), "idle")
  const reader = readable.getReader()
  const expected = outputsOf(run.profile, count)
  const { chunks } = await run.take(reader, expected.length)
  run.checkOutputs(chunks, expected, "outputs before the error")
  const reading = reader.read()
  await run.turns.quiet()
  source.error(reason)
  run.checkRejected(await run.settle(reading), reason, "the waiting read")
  run.checkRejected(await run.settle(reader.closed), reason, "reader.closed")
}

/** An abort discards what is queued, so only the beginning is certain. */
async function rightBehind<I, O>(run: Run<I, O>, count: number): Promise<void> {
  const reason = new Error("the source fails")
  const { source, readable } = run.pipe(run.subject.inputs.slice(0, count), "idle")
  const reader = readable.getReader()
  const taking = run.take(reader)
  await run.turns.quiet(() => source.given === count)
  source.error(reason)
  const { chunks, ending } = await taking
  run.checkBeginning(chunks, outputsOf(run.profile, count), "outputs before the error")
  run.checkEnding(ending, "errored", "the end")
  if (ending.type === "errored") run.checkSame(ending.reason, reason, "the reader's error")
}

async function toSink<I, O>(run: Run<I, O>): Promise<void> {
  const reason = new Error("the source fails")
  const { source, readable } = run.pipe(run.subject.inputs.slice(0, 1), "idle")
  const sink = run.sink()
  const piping = held(readable.pipeTo(sink.writable))
  await run.turns.quiet(() => source.given === 1)
  source.error(reason)
  if (run.profile.terminatedAfter === 1) {
    run.checkState(await run.settle(piping), "fulfilled", "pipeTo, as the subject has ended")
    return
  }
  run.checkRejected(await run.settle(piping), reason, "pipeTo")
  run.checkCalledOnce(sink.aborts, reason, "the sink's abort")
}
