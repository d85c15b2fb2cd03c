import type { LawName } from "./law.ts"

/** Why a law did not hold: the subject broke it, or it saw too little to say so. */
export type LawErrorCode = "BROKEN" | "VACUOUS"

/** What a {@link LawError} is made from. */
export interface LawErrorDetails {
  readonly code: LawErrorCode
  readonly law: LawName
  readonly case: string
  readonly seed: number | undefined
  readonly expected: string
  readonly seen: string
  readonly trace: readonly string[]
  readonly cause?: unknown
}

/**
 * Says which law a transform breaks: the law, the case, what was expected, what was seen, and how to
 * run that case alone again. The kit throws it; nothing else does.
 *
 * `code` is `BROKEN` when the transform broke the law, `VACUOUS` when the subject gave the law too
 * little to see (the message says what to add).
 *
 * @example Catching a transform that loses its last chunk
 * ```ts
 * import assert from "node:assert/strict"
 * import { checkLaws, LawError } from "@bellmouth/core/testing"
 *
 * const forgetful = () => {
 *   let held: number | undefined
 *   return new TransformStream<number, number>({
 *     transform(chunk, controller) {
 *       if (held !== undefined) controller.enqueue(held)
 *       held = chunk // and there is no flush
 *     },
 *   })
 * }
 * const broken = checkLaws({ create: forgetful, inputs: [1, 2, 3], outputs: [1, 2, 3] })
 * await assert.rejects(broken, (error) => error instanceof LawError && error.law === "order")
 * ```
 */
export class LawError extends Error {
  readonly code: LawErrorCode
  readonly law: LawName
  readonly case: string
  /** The seed of the case, when chance took part. */
  readonly seed: number | undefined
  readonly expected: string
  readonly seen: string
  /** The options for `checkLaws` that run this law, and this seed, alone. */
  readonly replay: string
  /** What happened, in order: the last 200 events of the case. */
  readonly trace: readonly string[]
  /** The other laws that did not hold, when all were checked. */
  also: readonly LawName[] = []

  static {
    LawError.prototype.name = "LawError"
  }

  constructor(details: LawErrorDetails) {
    const { law, seed, expected, seen } = details
    const replay =
      seed === undefined ? `{ only: ["${law}"] }` : `{ only: ["${law}"], seed: ${seed}, runs: 1 }`
    const state = details.code === "VACUOUS" ? "too little to see" : "broken"
    super(
      `Cannot uphold law "${law}": ${state} in case "${details.case}"; ` +
        `expected ${expected}; seen ${seen}; replay with checkLaws(subject, ${replay})`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.code = details.code
    this.law = law
    this.case = details.case
    this.seed = seed
    this.expected = expected
    this.seen = seen
    this.replay = replay
    this.trace = details.trace
  }
}
