import { type DefinedLaw, defineLaw, type LawCase, type LawPlan } from "../define-law.ts"
import { held } from "../held.ts"
import { outputsOf } from "../profile.ts"
import type { LawContext, Run } from "../run.ts"
import type { FailingInput } from "../subject.ts"

export const deliverThenFail: DefinedLaw = defineLaw({
  name: "deliver-then-fail",
  rule: "A stage that fails delivers what it made before; its writable and its source learn at once",
  why: "`1\\n2\\nbad` in one chunk holds two good records; which chunk they came in is chance.",
  departures: [
    {
      where: "every",
      why: "erroring the readable drops what is queued in it (whatwg/streams#172)",
    },
  ],
  plan: <I, O>({ subject, profile }: LawContext<I, O>): LawPlan<I, O> => {
    const { failing } = subject
    if (failing === undefined) return { skipped: "the subject has no `failing` input" }
    const most = (profile.terminatedAfter ?? profile.steps.length + 1) - 1
    const counts = [...new Set([0, Math.min(1, most), most])]
    return [
      ...counts.map(
        (count): LawCase<I, O> => ({
          name: `piped, behind ${count} inputs`,
          run: (run) => piped(run, failing, count),
        }),
      ),
      { name: "written, a slow reader", run: (run) => written(run, failing) },
    ]
  },
})

async function piped<I, O>(
  run: Run<I, O>,
  failing: FailingInput<I, O>,
  count: number,
): Promise<void> {
  const inputs = [...run.subject.inputs.slice(0, count), failing.input]
  const { source, readable } = run.pipe(inputs, "idle")
  const reader = readable.getReader()
  const before = outputsOf(run.profile, count)
  const given = outputsOfFailing(failing, run.subject.inputs.slice(0, count))
  const expected = [...before, ...given]
  // up to the first output that the failing input gives: now the stage has failed
  const seen = await run.take(reader, Math.min(before.length + 1, expected.length))
  const { ending } = given.length === 0 ? await run.take(reader) : seen
  await run.turns.quiet()
  run.check(
    source.cancels.length === 1,
    "the source is cancelled at once, before the rest is read",
    `${source.cancels.length} calls`,
  )
  const rest = ending.type === "errored" ? { chunks: [], ending } : await run.take(reader)
  run.checkOutputs([...seen.chunks, ...rest.chunks], expected, "outputs before the error")
  run.checkEnding(rest.ending, "errored", "the end")
  if (rest.ending.type !== "errored") return
  checkReason(run, failing, rest.ending.reason)
  run.checkCalledOnce(source.cancels, rest.ending.reason, "the source's cancel is called")
  run.checkRejected(await run.settle(reader.closed), rest.ending.reason, "reader.closed")
}

async function written<I, O>(run: Run<I, O>, failing: FailingInput<I, O>): Promise<void> {
  const pair = run.create()
  const reader = pair.readable.getReader()
  const writer = pair.writable.getWriter()
  const write = held(writer.write(failing.input))
  const chunks: O[] = []
  let last = await run.take(reader, 1)
  run.checkState(await run.settle(write), "rejected", "write() of the failing input")
  run.checkState(await run.settle(writer.closed), "rejected", "writer.closed")
  while (last.ending.type === "more") {
    chunks.push(...last.chunks)
    await run.turns.quiet()
    last = await run.take(reader, 1)
  }
  run.checkOutputs(chunks, outputsOfFailing(failing, []), "outputs before the error")
  run.checkEnding(last.ending, "errored", "the end")
  if (last.ending.type !== "errored") return
  checkReason(run, failing, last.ending.reason)
  run.checkRejected(await run.settle(write), last.ending.reason, "write() of the failing input")
}

function outputsOfFailing<I, O>(
  { outputs }: FailingInput<I, O>,
  before: readonly I[],
): readonly O[] {
  return typeof outputs === "function" ? outputs(before) : outputs
}

function checkReason<I, O>(run: Run<I, O>, failing: FailingInput<I, O>, reason: unknown): void {
  const right = failing.isExpected?.(reason) ?? true
  run.check(right, "a reason that `isExpected` takes", String(reason))
}
