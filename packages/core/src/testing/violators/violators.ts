import { contentViolators } from "./content.ts"
import { endViolators } from "./ends.ts"
import { flowViolators } from "./flow.ts"
import { signalViolators } from "./signals.ts"
import type { Violator } from "./violator.ts"

/**
 * Transforms that each break exactly one law, with what is wrong with them: at least one for every
 * law. They show that the laws can say no, in the runtime at hand and through one's own harness.
 *
 * @example Each is caught by the law that it breaks
 * ```ts
 * import assert from "node:assert/strict"
 * import { checkLaws, LawError, violators } from "@bellmouth/core/testing"
 *
 * for (const { law, subject } of violators) {
 *   if (law === "retention") continue // needs a collector of garbage
 *   await assert.rejects(
 *     checkLaws(subject),
 *     (error) => error instanceof LawError && error.law === law && error.also.length === 0,
 *   )
 * }
 * ```
 */
export const violators: readonly Violator[] = [
  ...contentViolators,
  ...flowViolators,
  ...endViolators,
  ...signalViolators,
]
