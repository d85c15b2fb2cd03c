import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { iterates } from "../iterates.ts"
import type { Run } from "../run.ts"

export const order: DefinedLaw = defineLaw({
  name: "order",
  rule: "Every output arrives once, in order, and none is lost",
  why: "A lost or doubled chunk is silent corruption: nothing downstream can tell.",
  plan: <I, O>(): readonly LawCase<I, O>[] => [
    { name: "one input at a time, a reader waiting", run: oneByOne },
    { name: "piped, a reader waiting", run: piped },
    { name: "all written at once, then read", run: written },
    { name: "piped to a sink", run: toSink },
    { name: "for await", run: iterated },
  ],
})

function expected<I, O>({ subject }: Run<I, O>): readonly O[] {
  const { inputs, outputs } = subject
  return typeof outputs === "function" ? outputs(inputs) : outputs
}

async function oneByOne<I, O>(run: Run<I, O>): Promise<void> {
  if (expected(run).length === 0) run.vacuous("`outputs` with at least one chunk", "none")
  run.checkOutputs(run.profile.outputs, expected(run), "outputs")
}

async function piped<I, O>(run: Run<I, O>): Promise<void> {
  const { readable } = run.pipe(run.subject.inputs, "close")
  const { chunks } = await run.take(readable.getReader())
  run.checkOutputs(chunks, expected(run), "outputs")
}

async function written<I, O>(run: Run<I, O>): Promise<void> {
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const writes = run.subject.inputs.map((input) => writer.write(input))
  const settled = Promise.allSettled([...writes, writer.close()])
  await run.turns.quiet()
  const { chunks } = await run.take(pair.readable.getReader())
  await run.settle(settled)
  run.checkOutputs(chunks, expected(run), "outputs")
}

async function toSink<I, O>(run: Run<I, O>): Promise<void> {
  const { readable } = run.pipe(run.subject.inputs, "close")
  const sink = run.sink()
  const settled = await run.settle(readable.pipeTo(sink.writable))
  run.checkOutputs(sink.chunks, expected(run), "outputs")
  run.checkState(settled, "fulfilled", "pipeTo")
  run.check(sink.closes === 1, "the sink closed once", `${sink.closes} closes`)
}

async function iterated<I, O>(run: Run<I, O>): Promise<void> {
  const { readable } = run.pipe(run.subject.inputs, "close")
  const chunks: O[] = []
  const iterable = iterates(readable)
  const reading = async (): Promise<void> => {
    if (!iterable) {
      chunks.push(...(await run.take(readable.getReader())).chunks)
      return
    }
    for await (const chunk of readable) {
      chunks.push(chunk)
      run.note(`iterated chunk ${chunks.length}`)
    }
  }
  const settled = await run.settle(reading())
  run.checkOutputs(chunks, expected(run), "outputs")
  run.checkState(settled, "fulfilled", iterable ? "for await" : "reading")
}
