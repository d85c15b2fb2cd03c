import { type DefinedLaw, defineLaw, type LawCase } from "../define-law.ts"
import { seededRandom } from "../random.ts"
import type { LawContext, Run } from "../run.ts"

const MOST_AHEAD = 4

export const interleaving: DefinedLaw = defineLaw({
  name: "interleaving",
  rule: "However writes, reads and turns interleave, the result is the same",
  why: "A race between a write and a read shows under load, where it can not be replayed; a seed can.",
  plan: <I, O>({ options }: LawContext<I, O>): readonly LawCase<I, O>[] =>
    Array.from({ length: options.runs }, (_, index) => {
      const seed = options.seed + index
      return { name: `seed ${seed}`, seed, run: (run) => interleave(run, seed) }
    }),
})

type Read<O> = { state: "pending" } | { state: "chunk"; chunk: O } | { state: "ended" }

async function interleave<I, O>(run: Run<I, O>, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const { inputs } = run.subject
  const pair = run.create()
  const writer = pair.writable.getWriter()
  const reader = pair.readable.getReader()
  const reads: Read<O>[] = []
  let written = 0
  let accepted = 0
  const settled = (): void => {
    accepted++
    run.note("write settled")
  }
  const pending = (): number => reads.filter((read) => read.state === "pending").length
  const read = (): void => {
    const index = reads.push({ state: "pending" }) - 1
    const end = (): void => {
      reads[index] = { state: "ended" }
      run.note("read ended")
    }
    reader.read().then((result) => {
      if (result.done) return end()
      reads[index] = { state: "chunk", chunk: result.value }
      run.note(`read ${index + 1} has a chunk`)
    }, end)
  }
  const ended = (): boolean => reads.some((each) => each.state === "ended")
  let closed = false
  // every second step waits, so both sides see each other at many distances
  for (let step = 0; step < inputs.length * 40 && !(closed && ended()); step++) {
    const action = random(4)
    if (action === 0 && written < inputs.length && written - accepted < MOST_AHEAD) {
      const next = inputs.slice(written, written + 1)
      written += next.length
      for (const input of next) writer.write(input).then(settled, settled)
    } else if (action === 1 && pending() < MOST_AHEAD && !ended()) {
      read()
    } else if (action === 2 && written === inputs.length && !closed) {
      closed = true
      writer.close().then(settled, settled)
    } else {
      await run.turns.pass(random(12))
    }
  }
  for (const input of inputs.slice(written)) writer.write(input).then(settled, settled)
  if (!closed) writer.close().then(settled, settled)
  while (!ended() && reads.length < run.profile.outputs.length + 64) {
    if (pending() === 0) read()
    const before = reads.length - pending()
    await run.turns.quiet(() => reads.length - pending() > before)
    if (reads.length - pending() === before) break
  }
  const first = reads.findIndex((each) => each.state !== "chunk")
  const chunks = reads
    .slice(0, first === -1 ? reads.length : first)
    .flatMap((each) => (each.state === "chunk" ? [each.chunk] : []))
  run.checkOutputs(chunks, run.profile.outputs, "outputs, in the order of the reads")
}
