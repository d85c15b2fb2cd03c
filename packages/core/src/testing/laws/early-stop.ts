import { type DefinedLaw, defineLaw, type LawPlan } from "../define-law.ts"
import { iterates } from "../iterates.ts"
import type { LawContext, Piped, Run } from "../run.ts"

export const earlyStop: DefinedLaw = defineLaw({
  name: "early-stop",
  rule: "A consumer that simply stops releases its lock, cancels the source, and draws no more",
  why: "`break` is how most consumers end; it must not leak a source or leave a stream locked.",
  plan: <I, O>({ profile }: LawContext<I, O>): LawPlan<I, O> => {
    if (profile.steps.flat().length === 0 || profile.terminatedAfter === 1) {
      return { skipped: "the subject gives nothing before its input has ended" }
    }
    return [
      { name: "break out of for await", run: broken },
      { name: "the iterator's return()", run: returned },
      { name: "cancel and releaseLock after one read", run: released },
    ]
  },
})

async function broken<I, O>(run: Run<I, O>): Promise<void> {
  const piped = run.pipe(run.subject.inputs, "idle")
  if (!iterates(piped.readable)) return released(run)
  const loop = async (): Promise<number> => {
    for await (const _ of piped.readable) return 1
    return 0
  }
  const seen = await run.settle(loop())
  run.checkState(seen, "fulfilled", "for await")
  if (seen.state === "fulfilled") run.check(seen.value === 1, "one chunk", `${seen.value}`)
  await checkStopped(run, piped)
}

async function returned<I, O>(run: Run<I, O>): Promise<void> {
  const piped = run.pipe(run.subject.inputs, "idle")
  if (!iterates(piped.readable)) return released(run)
  const iterator = piped.readable[Symbol.asyncIterator]()
  run.checkState(await run.settle(iterator.next()), "fulfilled", "next()")
  const end = await run.settle(Promise.resolve(iterator.return?.()))
  run.checkState(end, "fulfilled", "return()")
  await checkStopped(run, piped)
}

async function released<I, O>(run: Run<I, O>): Promise<void> {
  const piped = run.pipe(run.subject.inputs, "idle")
  const reader = piped.readable.getReader()
  const { chunks } = await run.take(reader, 1)
  run.check(chunks.length === 1, "one chunk", `${chunks.length}`)
  run.checkState(await run.settle(reader.cancel()), "fulfilled", "cancel()")
  reader.releaseLock()
  await checkStopped(run, piped)
}

async function checkStopped<I, O>(run: Run<I, O>, piped: Piped<I, O>): Promise<void> {
  const { source, readable } = piped
  await run.turns.quiet()
  run.check(!readable.locked, "an unlocked readable", "a locked one")
  run.check(source.cancels.length === 1, "one cancel", `${source.cancels.length}`)
  const given = source.given
  await run.turns.quiet()
  run.check(source.given === given, "no more chunks taken", `${source.given - given}`)
}
