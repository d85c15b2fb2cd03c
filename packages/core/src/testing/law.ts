import type { LawOptions } from "./law-options.ts"
import type { Subject } from "./subject.ts"

/** The names of the laws, as RFC 0001 has them. */
export type LawName =
  | "order"
  | "chunking"
  | "interleaving"
  | "backpressure"
  | "sink-lead"
  | "flush"
  | "end-seen"
  | "source-error"
  | "sink-error"
  | "deliver-then-fail"
  | "cancel"
  | "stage-cancel"
  | "early-stop"
  | "abort"
  | "pipe-abort"
  | "after-end"
  | "terminate"
  | "retention"

/** Where a native `TransformStream` does not meet a law, and why. */
export interface Departure {
  /** The runtimes, or "every". */
  readonly where: string
  readonly why: string
}

/** What became of one law. */
export type LawResult =
  | {
      readonly law: LawName
      readonly state: "held"
      /** How many cases were run. */
      readonly cases: number
      /** How many comparisons were made in them; never 0. */
      readonly checks: number
    }
  | { readonly law: LawName; readonly state: "skipped"; readonly reason: string }

/** One law of transforms. */
export interface Law {
  readonly name: LawName
  /** The law in one sentence. */
  readonly rule: string
  /** What goes wrong for users where it does not hold. */
  readonly why: string
  /** Where a native `TransformStream` departs from it; empty when it holds everywhere. */
  readonly departures: readonly Departure[]
  /**
   * Judges one subject.
   *
   * @throws {LawError} when the law does not hold, or saw too little to say
   */
  check<I, O>(subject: Subject<I, O>, options?: LawOptions): Promise<LawResult>
}
