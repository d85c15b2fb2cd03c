import { type DefinedLaw, defineLaw, type LawCase, type LawPlan } from "../define-law.ts"
import type { LawContext, Run } from "../run.ts"
import { byteChunkings, type Chunking, textChunkings } from "../splits.ts"

export const chunking: DefinedLaw = defineLaw({
  name: "chunking",
  rule: "However the inputs are cut into chunks, the result is the same",
  why: "Networks and files cut where they like; a fault at one split shows once in a thousand runs.",
  plan: <I, O>(context: LawContext<I, O>): LawPlan<I, O> => {
    if (context.subject.splits === undefined) {
      return { skipped: "the subject has no `splits`: each input is one whole value" }
    }
    return [...chunkingsOf(context)].map(
      ({ name, chunks }): LawCase<I, O> => ({ name, run: (run) => runChunks(run, chunks) }),
    )
  },
})

async function runChunks<I, O>(run: Run<I, O>, chunks: readonly I[]): Promise<void> {
  const { readable } = run.pipe(chunks, "close")
  const seen = await run.take(readable.getReader())
  run.checkOutputs(seen.chunks, run.profile.outputs, "outputs")
  run.checkEnding(seen.ending, run.profile.ending, "the end")
}

function* chunkingsOf<I, O>({ subject, options }: LawContext<I, O>): Generator<Chunking<I>> {
  const { inputs, splits } = subject
  if (typeof splits === "function") {
    let index = 0
    for (const chunks of splits(inputs)) yield { name: `chunking ${index++} of \`splits\``, chunks }
    return
  }
  const chunkings =
    splits === "bytes"
      ? byteChunkings(joinBytes(inputs), options)
      : textChunkings(joinText(inputs), options)
  // `splits` says what the inputs are, and the joining above has checked it
  for (const each of chunkings) yield each as Chunking<unknown> as Chunking<I>
}

function joinBytes(inputs: readonly unknown[]): Uint8Array {
  const parts = inputs.map((input) => {
    if (input instanceof Uint8Array) return input
    throw new TypeError("Cannot split inputs as bytes: an input is not a Uint8Array")
  })
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let length = 0
  for (const part of parts) {
    bytes.set(part, length)
    length += part.length
  }
  return bytes
}

function joinText(inputs: readonly unknown[]): string {
  return inputs
    .map((input) => {
      if (typeof input === "string") return input
      throw new TypeError("Cannot split inputs as text: an input is not a string")
    })
    .join("")
}
