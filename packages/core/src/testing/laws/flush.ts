import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { held } from "../held.ts"
import type { Run } from "../run.ts"

export const flush: DefinedLaw = defineLaw({
  name: "flush",
  rule: "Close gives what is still held, then the end, and the producer's close settles by then",
  why: "The last record, the trailer and the commit hang on close; an end that never comes hangs all.",
  plan: <I, O>(): readonly LawCase<I, O>[] => [
    { name: "closed while a reader waits", run: readerWaits },
    { name: "closed before anything is read", run: readAfter },
    { name: "closed without any input", run: noInput },
  ],
})

async function readerWaits<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const reader = pair.readable.getReader()
  const taking = run.take(reader)
  const writer = pair.writable.getWriter()
  const writes = Promise.allSettled(run.subject.inputs.map((input) => writer.write(input)))
  const closing = held(writer.close())
  await checkEnd(run, taking, reader, closing)
  await run.settle(writes)
}

async function readAfter<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const writes = Promise.allSettled(run.subject.inputs.map((input) => writer.write(input)))
  const closing = held(writer.close())
  await run.turns.quiet()
  const reader = pair.readable.getReader()
  await checkEnd(run, run.take(reader), reader, closing)
  await run.settle(writes)
}

async function noInput<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const reader = pair.readable.getReader()
  const closing = held(writer.close())
  const { ending } = await run.take(reader)
  // a format may refuse to be empty; then both sides must say so
  const refused = ending.type === "errored"
  run.checkEnding(ending, refused ? "errored" : "closed", "the end")
  run.checkState(await run.settle(closing), refused ? "rejected" : "fulfilled", "close()")
}

async function checkEnd<I, O>(
  run: Run<I, O>,
  taking: ReturnType<Run<I, O>["take"]>,
  reader: ReadableStreamDefaultReader<O>,
  closing: Promise<void>,
): Promise<void> {
  const { chunks, ending } = await taking
  run.checkOutputs(chunks, run.profile.outputs, "outputs before the end")
  run.checkEnding(ending, "closed", "the end")
  run.checkState(await run.settle(reader.closed), "fulfilled", "reader.closed")
  // a subject that ends by itself refuses the close: that is the law `terminate`
  if (run.profile.terminatedAfter !== undefined) return
  run.checkState(await run.settle(closing), "fulfilled", "close()")
}
