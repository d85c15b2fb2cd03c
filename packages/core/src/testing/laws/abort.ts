import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { outputsOf } from "../profile.ts"
import { givenReason } from "../reasons.ts"
import type { LawContext, Run } from "../run.ts"

export const abort: DefinedLaw = defineLaw({
  name: "abort",
  rule: "Abort reaches the reader and the sink with the same reason, and discards what is queued",
  why: "Abort says that what was written is not whole: a sink must be able to remove it.",
  plan: <I, O>({ profile }: LawContext<I, O>): readonly LawCase<I, O>[] => [
    { name: "a reader waiting", run: readerWaits },
    { name: "nobody reads", run: nobodyReads },
    { name: "written and unread", run: unread },
    ...(profile.steps.some((step) => step.length > 1)
      ? [{ name: "outputs queued", run: queued } satisfies LawCase<I, O>]
      : []),
    { name: "down to a sink", run: toSink },
  ],
})

async function readerWaits<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted")
  const pair = run.create()
  const reader = pair.readable.getReader()
  const reading = held(reader.read())
  await run.turns.pass(8)
  const aborting = held(pair.writable.abort(reason))
  run.checkRejected(await run.settle(reading), reason, "the waiting read")
  run.checkRejected(await run.settle(reader.closed), reason, "reader.closed")
  run.checkState(await run.settle(aborting), "fulfilled", "abort()")
}

async function nobodyReads<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted unread")
  const pair = run.create()
  const reader = pair.readable.getReader()
  await run.turns.quiet()
  const aborting = held(pair.writable.abort(reason))
  run.checkRejected(await run.settle(reader.closed), reason, "reader.closed")
  run.checkState(await run.settle(aborting), "fulfilled", "abort()")
}

async function unread<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted with writes waiting")
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const writes = Promise.allSettled(run.subject.inputs.map((input) => writer.write(input)))
  await run.turns.quiet()
  const aborting = held(writer.abort(reason))
  await run.turns.quiet()
  const reader = pair.readable.getReader()
  const { chunks, ending } = await run.take(reader)
  // a pipe between two stages may first finish the write that it has begun
  const { stages = 1 } = run.subject.limits ?? {}
  run.checkBeginning(chunks, outputsOf(run.profile, stages - 1), "outputs after the abort")
  run.checkEnding(ending, "errored", "the end")
  if (ending.type === "errored") run.checkSame(ending.reason, reason, "the reader's error")
  run.checkState(await run.settle(aborting), "fulfilled", "abort()")
  await run.settle(writes)
}

async function queued<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted with outputs waiting")
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const reader = pair.readable.getReader()
  const index = run.profile.steps.findIndex((step) => step.length > 1)
  const writes = run.subject.inputs.slice(0, index + 1).map((input) => writer.write(input))
  const settled = Promise.allSettled(writes)
  // one output of those that the last of these inputs gives
  const before = run.profile.steps.slice(0, index).flat().length
  const { chunks } = await run.take(reader, before + 1)
  run.check(chunks.length === before + 1, `${before + 1} outputs`, `${chunks.length}`)
  await run.turns.quiet()
  const aborting = held(writer.abort(reason))
  await run.turns.quiet()
  run.checkRejected(await run.settle(reader.read()), reason, "read() of a queued output")
  run.checkState(await run.settle(aborting), "fulfilled", "abort()")
  await run.settle(settled)
}

async function toSink<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("aborted in a pipe")
  const pair = run.create()
  const sink = run.sink()
  const piping = held(pair.readable.pipeTo(sink.writable))
  await run.turns.pass(8)
  const aborting = held(pair.writable.abort(reason))
  run.checkRejected(await run.settle(piping), reason, "pipeTo")
  run.checkCalledOnce(sink.aborts, reason, "the sink's abort is called")
  run.check(sink.closes === 0, "no close of the sink", `${sink.closes}`)
  run.checkState(await run.settle(aborting), "fulfilled", "abort()")
}
