import type { LawName } from "../law.ts"
import type { Probe, Subject } from "../subject.ts"
import { HandPair, type HandTransformer } from "./hand-pair.ts"

/** A transform that breaks one law on purpose, to show that the law can say no. */
export interface Violator {
  /** The law that it breaks; it upholds all the others but those in `also`. */
  readonly law: LawName
  /** Laws that can not help seeing it too. */
  readonly also: readonly LawName[]
  /** What is wrong with it. */
  readonly fault: string
  readonly subject: Subject<unknown, unknown>
}

/** What is broken in a hand-written pair: the pair, the stage in it, or both. */
export interface Fault {
  readonly pair?: new (transformer: HandTransformer<unknown, unknown>) => HandPair<unknown, unknown>
  /** Makes the stage; by default it passes chunks through. */
  stage?(): HandTransformer<unknown, unknown>
  readonly subject?: Partial<Subject<unknown, unknown>>
  readonly also?: readonly LawName[]
}

const CHUNKS: readonly unknown[] = Array.from({ length: 8 }, (_, index) => ({ chunk: index }))

const passThrough = (): HandTransformer<unknown, unknown> => ({
  transform: (chunk, controller) => controller.enqueue(chunk),
})

/** Gives each chunk twice, so that one is queued while the other is read. */
export const twice = (): HandTransformer<unknown, unknown> => ({
  transform: (chunk, controller) => {
    controller.enqueue(chunk)
    controller.enqueue(chunk)
    if (chunk === null) throw new Error("a null chunk")
  },
})

/** What {@link twice} must give for the default inputs. */
export const twiceOutputs: readonly unknown[] = CHUNKS.flatMap((chunk) => [chunk, chunk])

/** Plants a fault in an otherwise honest, probed subject that passes eight chunks through. */
export function plant(law: LawName, fault: string, planted: Fault): Violator {
  const Pair = planted.pair ?? HandPair
  const create = (probe: Probe): HandPair<unknown, unknown> =>
    new Pair(probed(probe, planted.stage?.() ?? passThrough()))
  const subject = { create, inputs: CHUNKS, outputs: CHUNKS, probed: true, ...planted.subject }
  return { law, fault, subject, also: planted.also ?? [] }
}

/** The subject that every fault is planted in, without any. */
export function honest(planted: Fault = {}): Subject<unknown, unknown> {
  return plant("order", "none", planted).subject
}

function probed(
  probe: Probe,
  stage: HandTransformer<unknown, unknown>,
): HandTransformer<unknown, unknown> {
  return {
    transform: (chunk, controller) => {
      probe.transformed()
      stage.transform(chunk, controller)
    },
    flush: (controller) => stage.flush?.(controller),
    cancel: (reason) => {
      probe.cancelled(reason)
      stage.cancel?.(reason)
    },
  }
}
