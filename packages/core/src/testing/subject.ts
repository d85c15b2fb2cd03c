import type { Joins } from "./joins.ts"
import type { Splits } from "./splits.ts"

/** What a subject's own callbacks report to, so that laws can see inside a stage. */
export interface Probe {
  /** To be called whenever the stage's `transform` runs. */
  transformed(): void
  /** To be called by the stage's `cancel`, with the reason it was given. */
  cancelled(reason: unknown): void
}

/** An input that makes the subject fail, and what that input gives before it does. */
export interface FailingInput<I, O> {
  /** The input whose `transform` throws, or errors the controller. */
  readonly input: I
  /**
   * What this input gives before it fails, in order, behind the inputs that were fed before it. Two
   * or more make the sharpest test.
   */
  readonly outputs: readonly O[] | ((before: readonly I[]) => readonly O[])
  /** Whether the reason is the right one. Absent: any reason is. */
  isExpected?(reason: unknown): boolean
}

/** How far a subject may run ahead of its reader. All are counts of chunks. */
export interface SubjectLimits {
  /** How many stages stand in the subject. Default 1. */
  readonly stages?: number
  /**
   * How many inputs may be taken beyond those that the outputs read so far needed.
   * Default: one for each stage, as each has a writable with a highWaterMark of 1.
   */
  readonly readAhead?: number
  /** How many outputs may be made before they are asked for. Default 0. */
  readonly queuedOutputs?: number
  /**
   * How many `transform` calls, over all stages, one read may cause. Only a `probed` subject is
   * judged by it. Default: the inputs taken during that read plus one, for each stage.
   */
  readonly callsPerRead?: number
}

/**
 * A transform to be judged: how to make it, what to feed it, what it must give.
 *
 * `inputs` must be whole and valid, and at least four (more where one output takes several): too few
 * leave a law with nothing to see, and such a law fails and says how many it needs. The laws never
 * change a value, and feed the same ones many times; bytes and text that are split are copied.
 */
export interface Subject<I, O> {
  /** Makes a fresh pair; called once for every case. */
  create(probe: Probe): ReadableWritablePair<O, I>
  /** How a readable is piped through it. Default: `readable.pipeThrough(create(probe))`. */
  through?(readable: ReadableStream<I>, probe: Probe): ReadableStream<O>
  readonly inputs: readonly I[]
  /** All that `inputs` give, in order, those of `flush` included. */
  readonly outputs: readonly O[] | ((inputs: readonly I[]) => readonly O[])
  /** Whether two outputs (or units of `joins`) are the same. Default: equal by structure. */
  equals?(seen: unknown, expected: unknown): boolean
  /** How inputs may be cut without changing the result. Absent: each input is one whole value. */
  readonly splits?: Splits<I>
  /** How outputs add up, when their cuts do not matter. Absent: each output is one whole value. */
  readonly joins?: Joins<O>
  readonly limits?: SubjectLimits
  readonly failing?: FailingInput<I, O>
  /** Whether every stage reports to the probe that `create` is given. Default false. */
  readonly probed?: boolean
}
