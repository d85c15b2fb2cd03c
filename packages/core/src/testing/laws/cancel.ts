import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { givenReason } from "../reasons.ts"
import type { LawContext, Run } from "../run.ts"

export const cancel: DefinedLaw = defineLaw({
  name: "cancel",
  rule: "Cancel reaches the source at once, with the same reason, even when the source is idle",
  why: "An idle source that is not told keeps its socket, its file and its timer for ever.",
  plan: <I, O>({ profile }: LawContext<I, O>): readonly LawCase<I, O>[] => [
    { name: "an idle source, a reader waiting", run: idle },
    { name: "an idle source, nobody reads", run: nobodyReads },
    { name: "before the first read", run: beforeReading },
    ...(profile.steps.flat().length > 1 && profile.terminatedAfter !== 1
      ? [{ name: "after the first read", run: afterReading } satisfies LawCase<I, O>]
      : []),
    { name: "without a reason", run: noReason },
  ],
})

async function idle<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("cancelled while idle")
  const { source, readable } = run.pipe([], "idle")
  const reader = readable.getReader()
  const reading = held(reader.read())
  await run.turns.pass(8)
  run.checkState(await run.settle(reader.cancel(reason)), "fulfilled", "cancel()")
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
  const read = await run.settle(reading)
  run.check(
    read.state === "fulfilled" && read.value.done,
    "the waiting read: done",
    read.state === "fulfilled" ? "a chunk" : read.state,
  )
  run.checkState(await run.settle(reader.closed), "fulfilled", "reader.closed")
}

async function nobodyReads<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("cancelled unread and idle")
  const { source, readable } = run.pipe([], "idle")
  await run.turns.quiet()
  run.checkState(await run.settle(readable.cancel(reason)), "fulfilled", "cancel()")
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
}

async function beforeReading<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("cancelled unread")
  const { source, readable } = run.pipe(run.subject.inputs, "idle")
  const settled = await run.settle(readable.cancel(reason))
  run.checkState(settled, "fulfilled", "cancel()")
  await run.turns.quiet()
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
}

async function afterReading<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("cancelled half-way")
  const { source, readable } = run.pipe(run.subject.inputs, "idle")
  const reader = readable.getReader()
  const { chunks } = await run.take(reader, 1)
  run.check(chunks.length === 1, "one output", `${chunks.length}`)
  await run.turns.quiet()
  run.checkState(await run.settle(reader.cancel(reason)), "fulfilled", "cancel()")
  await run.turns.quiet()
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
}

async function noReason<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe([], "idle")
  await run.settle(readable.cancel())
  run.checkCalledOnce(source.cancels, undefined, "the source's cancel is called")
}
