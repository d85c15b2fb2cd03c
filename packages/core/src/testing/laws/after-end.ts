import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { givenReason } from "../reasons.ts"
import type { Run } from "../run.ts"

export const afterEnd: DefinedLaw = defineLaw({
  name: "after-end",
  rule: "After the end, or after cancel, there is no chunk, no work and no acceptance",
  why: "Work on a stream that is over is wasted, and its results surface where nobody expects them.",
  plan: <I, O>(): readonly LawCase<I, O>[] => [
    { name: "after the end", run: closed },
    { name: "after cancel, piped", run: cancelledPipe },
    { name: "after cancel, written", run: cancelledWriter },
  ],
})

async function checkDone<I, O>(
  run: Run<I, O>,
  reader: ReadableStreamDefaultReader<O>,
): Promise<void> {
  for (let read = 1; read <= 3; read++) {
    const result = await run.settle(reader.read())
    const done = result.state === "fulfilled" && result.value.done
    run.check(done, `read ${read} after the end: done`, done ? "done" : `${result.state}, no end`)
  }
}

async function closed<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe(run.subject.inputs, "close")
  const reader = readable.getReader()
  await run.take(reader)
  const given = source.given
  const calls = run.transforms
  await checkDone(run, reader)
  run.check(source.given === given, "no more chunks taken", `${source.given - given}`)
  run.check(run.transforms === calls, "no transform", `${run.transforms - calls}`)
}

async function cancelledPipe<I, O>(run: Run<I, O>): Promise<void> {
  const { source, readable } = run.pipe(run.subject.inputs, "idle")
  const reader = readable.getReader()
  await run.take(reader, 1)
  await run.turns.quiet()
  await run.settle(reader.cancel(givenReason("cancelled")))
  const given = source.given
  const calls = run.transforms
  await run.turns.quiet()
  await checkDone(run, reader)
  run.check(source.given === given, "no more chunks taken", `${source.given - given}`)
  run.check(run.transforms === calls, "no transform", `${run.transforms - calls}`)
}

async function cancelledWriter<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const reader = pair.readable.getReader()
  const { inputs } = run.subject
  const writes = Promise.allSettled(inputs.map((input) => writer.write(input)))
  await run.take(reader, 1)
  await run.turns.quiet()
  await run.settle(reader.cancel(givenReason("cancelled")))
  const calls = run.transforms
  await run.settle(writes)
  await checkDone(run, reader)
  run.check(run.transforms === calls, "no transform", `${run.transforms - calls}`)
  for (const input of inputs.slice(0, 1)) {
    run.checkState(await run.settle(writer.write(input)), "rejected", "write() after cancel")
  }
}
