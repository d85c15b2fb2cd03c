import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { inputsFor } from "../profile.ts"
import type { LawContext, Run } from "../run.ts"

export const backpressure: DefinedLaw = defineLaw({
  name: "backpressure",
  rule: "No more is taken in than the outputs read so far needed, plus the read-ahead",
  why: "Without it a slow reader fills memory with what a fast source gives.",
  plan: <I, O>({ subject }: LawContext<I, O>): readonly LawCase<I, O>[] => [
    { name: "piped, nobody reads", run: nobodyReads },
    { name: "piped, one read at a time", run: oneReadAtATime },
    { name: "written, nobody reads", run: written },
    ...(subject.probed ? [{ name: "transform calls of one read", run: callsPerRead }] : []),
  ],
})

/** The most inputs that may have been taken once `read` outputs were read. */
export function mostTaken<I, O>(run: Run<I, O>, read: number): number {
  const { limits = {} } = run.subject
  const needed = inputsFor(run.profile, read + (limits.queuedOutputs ?? 0))
  return needed + (limits.readAhead ?? limits.stages ?? 1)
}

function needInputs<I, O>(run: Run<I, O>): void {
  const needed = mostTaken(run, 0) + 1
  const { length } = run.subject.inputs
  if (length < needed) run.vacuous(`at least ${needed} inputs`, `${length}`)
}

async function nobodyReads<I, O>(run: Run<I, O>): Promise<void> {
  needInputs(run)
  const { source } = run.pipe(run.subject.inputs, "close")
  await run.turns.quiet()
  run.checkCount(source.given, mostTaken(run, 0), "chunks taken from the source")
}

async function oneReadAtATime<I, O>(run: Run<I, O>): Promise<void> {
  needInputs(run)
  const { source, readable } = run.pipe(run.subject.inputs, "close")
  const reader = readable.getReader()
  for (let read = 1; read <= run.profile.outputs.length; read++) {
    const { chunks } = await run.take(reader, 1)
    if (chunks.length === 0) break
    await run.turns.quiet()
    run.checkCount(source.given, mostTaken(run, read), `chunks taken after ${read} reads`)
  }
}

async function written<I, O>(run: Run<I, O>): Promise<void> {
  needInputs(run)
  const pair = run.create()
  const writer = pair.writable.getWriter()
  let accepted = 0
  const refused = (): void => run.note("write refused")
  for (const input of run.subject.inputs) {
    writer.write(input).then(() => {
      accepted++
      run.note("write accepted")
    }, refused)
  }
  await run.turns.quiet()
  run.checkCount(accepted, mostTaken(run, 0), "writes accepted")
  const { desiredSize } = writer
  run.check(
    desiredSize !== null && desiredSize <= 0,
    `desiredSize at most 0 after ${run.subject.inputs.length} writes`,
    `${desiredSize}`,
  )
  await run.settle(pair.readable.cancel())
}

async function callsPerRead<I, O>(run: Run<I, O>): Promise<void> {
  const { limits = {} } = run.subject
  const { source, readable } = run.pipe(run.subject.inputs, "close")
  const reader = readable.getReader()
  await run.turns.quiet()
  for (let read = 1; read <= run.profile.outputs.length; read++) {
    const given = source.given
    const calls = run.transforms
    const { chunks } = await run.take(reader, 1)
    if (chunks.length === 0) break
    await run.turns.quiet()
    const most = limits.callsPerRead ?? (source.given - given + 1) * (limits.stages ?? 1)
    run.checkCount(run.transforms - calls, most, `transform calls of read ${read}`)
  }
  if (run.transforms === 0) {
    run.vacuous("`create` to report each transform to the probe, as `probed` says", "no report")
  }
}
