import { type DefinedLaw, defineLaw, type LawPlan } from "../define-law.ts"
import { givenReason } from "../reasons.ts"
import type { LawContext, Run } from "../run.ts"
import { ScriptedSource } from "../scripted-source.ts"
import type { Probe, Subject } from "../subject.ts"

const MOST_COLLECTIONS = 8

export const retention: DefinedLaw = defineLaw({
  name: "retention",
  rule: "A stage that is over holds neither its source, nor its chunks, nor its callbacks",
  why: "A program keeps ends of finished streams in maps and closures; they must not keep the rest.",
  plan: <I, O>({ options }: LawContext<I, O>): LawPlan<I, O> =>
    options.collectGarbage === undefined
      ? { skipped: "no `collectGarbage` was given" }
      : [
          { name: "closed", run: (run) => checkReleased(run, "closed") },
          { name: "cancelled", run: (run) => checkReleased(run, "cancelled") },
        ],
})

type End = "closed" | "cancelled"

interface Held {
  /** What the program still holds. */
  readonly ends: readonly unknown[]
  readonly released: ReadonlyMap<string, WeakRef<object>>
}

async function checkReleased<I, O>(run: Run<I, O>, end: End): Promise<void> {
  const held = await use(run, end)
  const alive = (): string[] =>
    [...held.released].filter(([, ref]) => ref.deref() !== undefined).map(([name]) => name)
  for (let round = 0; round < MOST_COLLECTIONS; round++) {
    await run.options.collectGarbage?.()
    if (alive().length === 0) break
  }
  run.check(alive().length === 0, "all of it collected", `still held: ${alive().join(", ")}`)
  run.check(held.ends.length > 0, "the ends still held", "not held")
}

/** Runs the subject to its end in a frame of its own, so that no local of it stays alive. */
async function use<I, O>(run: Run<I, O>, end: End): Promise<Held> {
  const released = new Map<string, WeakRef<object>>()
  const watch = (name: string, value: unknown): void => {
    if (typeof value === "object" && value !== null) released.set(name, new WeakRef(value))
  }
  const inputs = structuredClone([...run.subject.inputs])
  inputs.forEach((input, index) => {
    watch(`input ${index + 1}`, input)
  })
  const source = new ScriptedSource(inputs, end === "closed" ? "close" : "idle", run.note)
  watch("the source", source)
  const probe = { transformed: () => {}, cancelled: () => {} }
  if (run.subject.probed) watch("the stage's callbacks", probe)
  const { readable, ends } = connect(run.subject, source.readable, probe)
  const reader = readable.getReader()
  await run.take(reader, end === "closed" ? undefined : 1)
  if (end === "cancelled") await run.settle(reader.cancel(givenReason("cancelled")))
  reader.releaseLock()
  await run.turns.quiet()
  return { ends, released }
}

function connect<I, O>(
  subject: Subject<I, O>,
  source: ReadableStream<I>,
  probe: Probe,
): { readable: ReadableStream<O>; ends: readonly unknown[] } {
  if (subject.through) {
    const readable = subject.through(source, probe)
    return { readable, ends: [readable] }
  }
  const pair = subject.create(probe)
  return { readable: source.pipeThrough(pair), ends: [pair, pair.readable, pair.writable] }
}
