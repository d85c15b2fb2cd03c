import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { givenReason } from "../reasons.ts"
import type { Run } from "../run.ts"

export const pipeAbort: DefinedLaw = defineLaw({
  name: "pipe-abort",
  rule: "The signal of a pipe ends it at once and aborts the sink, with its own reason",
  why: "A signal is how a program says stop; one that waits for the next chunk may wait for ever.",
  departures: [
    { where: "workerd", why: "its pipeTo looks at the signal when the next chunk comes" },
  ],
  plan: <I, O>(): readonly LawCase<I, O>[] => [{ name: "an idle source", run: idle }],
})

async function idle<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("the pipe is aborted")
  const aborting = new AbortController()
  const { readable } = run.pipe([], "idle")
  const sink = run.sink()
  const piping = held(readable.pipeTo(sink.writable, { signal: aborting.signal }))
  await run.turns.pass(8)
  aborting.abort(reason)
  // that the source is cancelled is the law `cancel`
  run.checkRejected(await run.settle(piping), reason, "pipeTo")
  run.checkCalledOnce(sink.aborts, reason, "the sink's abort is called")
}
