import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import type { LawContext, Run } from "../run.ts"

export const endSeen: DefinedLaw = defineLaw({
  name: "end-seen",
  rule: "Close and error are seen at once when nothing is left to read, even when nobody reads",
  why: "Whoever only watches `reader.closed` must learn that it is over, or waits for ever.",
  plan: <I, O>({ profile }: LawContext<I, O>): readonly LawCase<I, O>[] => [
    { name: "the source closes without a chunk", run: emptyClose },
    { name: "the source errors without a chunk", run: emptyError },
    ...(closesWithLastOutput(profile)
      ? [{ name: "the source closes and the last output was read", run: lastRead }]
      : []),
  ],
})

function closesWithLastOutput(profile: LawContext<unknown, unknown>["profile"]): boolean {
  const last = profile.steps.at(-1)?.length ?? 0
  return profile.flushed.length === 0 && last > 0 && profile.ending === "closed"
}

async function emptyClose<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe([], "idle")
  const reader = readable.getReader()
  await run.turns.quiet()
  source.close()
  const closed = await run.settle(reader.closed)
  // what close itself gives must be read first; without any, the end must have been seen
  const { chunks } = await run.take(reader)
  const seen = closed.state !== "pending" || chunks.length > 0
  run.check(seen, "reader.closed: settled, as nothing is left to read", closed.state)
}

async function emptyError<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe([], "idle")
  const reader = readable.getReader()
  await run.turns.quiet()
  source.error(new Error("the source fails"))
  run.checkState(await run.settle(reader.closed), "rejected", "reader.closed")
}

async function lastRead<I, O>(run: Run<I, O>): Promise<void> {
  const { readable } = run.pipe(run.subject.inputs, "close")
  const reader = readable.getReader()
  await run.take(reader, run.profile.outputs.length)
  run.checkState(await run.settle(reader.closed), "fulfilled", "reader.closed, without a read")
}
