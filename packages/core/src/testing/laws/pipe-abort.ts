import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import { givenReason } from "../reasons.ts"
import type { Run } from "../run.ts"

export const pipeAbort: DefinedLaw = defineLaw({
  name: "pipe-abort",
  rule: "The signal of a pipe cancels the source and aborts the sink at once, with its own reason",
  why: "A signal is how a program says stop; one that waits for the next chunk may wait for ever.",
  departures: [
    { where: "workerd", why: "its pipeTo looks at the signal when the next chunk comes" },
  ],
  plan: <I, O>(): readonly LawCase<I, O>[] => [{ name: "an idle source", run: idle }],
})

async function idle<I, O>(run: Run<I, O>): Promise<void> {
  const reason = givenReason("the pipe is aborted")
  const aborting = new AbortController()
  const { source, readable } = run.pipe([], "idle")
  const sink = run.sink()
  const piping = held(readable.pipeTo(sink.writable, { signal: aborting.signal }))
  await run.turns.pass(8)
  aborting.abort(reason)
  run.checkRejected(await run.settle(piping), reason, "pipeTo")
  run.checkCalledOnce(source.cancels, reason, "the source's cancel is called")
  run.checkCalledOnce(sink.aborts, reason, "the sink's abort is called")
}
