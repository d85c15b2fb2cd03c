import type { ResolvedLawOptions } from "./law-options.ts"
import type { Probe, Subject } from "./subject.ts"
import { type Ending, takeAll } from "./take-all.ts"
import { Turns } from "./turns.ts"

const MOST_OUTPUTS = 100_000

/**
 * What a subject did when it was fed one input at a time, with a reader always waiting. Most laws
 * compare with this, so that each law judges its own matter; `order` compares it with `outputs`.
 */
export interface Profile<O> {
  /** What each input gave before the next one was fed; what `start` gave stands with the first. */
  readonly steps: readonly (readonly O[])[]
  /** What close gave. */
  readonly flushed: readonly O[]
  readonly outputs: readonly O[]
  readonly ending: Ending["type"]
  /** After how many inputs it ended by itself; undefined when it took all of them. */
  readonly terminatedAfter: number | undefined
  /** Whether the probe was told of a `transform` call. */
  readonly transformed: boolean
}

export async function profileOf<I, O>(
  subject: Subject<I, O>,
  options: ResolvedLawOptions,
): Promise<Profile<O>> {
  const turns = new Turns(options)
  let transformed = false
  const probe: Probe = {
    transformed: () => {
      transformed = true
      turns.note("transform")
    },
    cancelled: () => turns.note("cancel"),
  }
  const pair = subject.create(probe)
  const outputs: O[] = []
  const end: { is: Ending } = { is: { type: "stalled" } }
  const reading = takeAll(pair.readable.getReader(), outputs, MOST_OUTPUTS, () =>
    turns.note("read"),
  ).then((ending) => {
    end.is = ending
    turns.note(ending.type)
  })
  const writer = pair.writable.getWriter()
  const steps: O[][] = []
  let terminatedAfter: number | undefined
  const since = (mark: number): O[] => outputs.slice(mark)
  for (const input of subject.inputs) {
    const mark = steps.length === 0 ? 0 : outputs.length
    const write = writer.write(input)
    await turns.settle(write)
    await turns.quiet()
    steps.push(since(mark))
    if (end.is.type === "stalled") continue
    terminatedAfter = steps.length
    break
  }
  const mark = subject.inputs.length === 0 ? 0 : outputs.length
  if (terminatedAfter === undefined) await turns.settle(writer.close())
  await turns.settle(reading)
  return {
    steps,
    flushed: since(mark),
    outputs,
    ending: end.is.type,
    terminatedAfter,
    transformed,
  }
}

/** The fewest inputs that give `count` outputs. */
export function inputsFor(profile: Profile<unknown>, count: number): number {
  let outputs = 0
  let inputs = 0
  while (outputs < count && inputs < profile.steps.length) {
    outputs += profile.steps[inputs]?.length ?? 0
    inputs++
  }
  return inputs
}

/** What the first `count` inputs give, without close. */
export function outputsOf<O>(profile: Profile<O>, count: number): readonly O[] {
  return profile.steps.slice(0, count).flat()
}
