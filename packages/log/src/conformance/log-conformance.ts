import { appendBatchClaims } from "./append-batch-claims.ts"
import { appendClaims } from "./append-claims.ts"
import { besideClaims } from "./beside-claims.ts"
import type { Claim, ConformanceCase, ConformanceSubject } from "./conformance-case.ts"
import { determinismClaims } from "./determinism-claims.ts"
import { forkClaims } from "./fork-claims.ts"
import { forkProducerClaims } from "./fork-producer-claims.ts"
import { identityClaims } from "./identity-claims.ts"
import { levelClaims } from "./level-claims.ts"
import { producerClaims } from "./producer-claims.ts"
import { replayClaims } from "./replay-claims.ts"
import { sealClaims } from "./seal-claims.ts"
import { Subjects } from "./subjects.ts"
import { trimClaims } from "./trim-claims.ts"

/**
 * The claims that every log has to hold, as cases for any test framework. Each case makes its own
 * logs, and closes and disposes of them.
 *
 * @example Run the suite without a framework
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog, MemoryBackend } from "@bellmouth/log"
 * import { logConformance } from "@bellmouth/log/conformance"
 *
 * const cases = logConformance({
 *   supports: new MemoryBackend().supports,
 *   create: async () => ({ log: createMemoryLog() }),
 * })
 * for (const { run, skip } of cases) if (skip === undefined) await run()
 * assert(cases.length > 40)
 * ```
 */
export function logConformance(subject: ConformanceSubject): readonly ConformanceCase[] {
  return [
    ...identityClaims,
    ...appendClaims,
    ...appendBatchClaims,
    ...replayClaims,
    ...producerClaims,
    ...trimClaims,
    ...levelClaims,
    ...sealClaims,
    ...forkClaims,
    ...forkProducerClaims,
    ...besideClaims,
    ...determinismClaims,
  ].map((claim) => toCase(claim, subject))
}

function toCase(claim: Claim, subject: ConformanceSubject): ConformanceCase {
  const { name, needs = [] } = claim
  const run = (): Promise<void> => put(claim, subject)
  for (const need of typeof needs === "string" ? [needs] : needs) {
    if (!subject.supports[need]) {
      return { name, run, skip: `the backend declares supports.${need} false` }
    }
  }
  if (claim.needsBeside !== true || subject.beside !== undefined) return { name, run }
  return { name, run, skip: "the subject opens no log twice" }
}

async function put(claim: Claim, subject: ConformanceSubject): Promise<void> {
  const subjects = new Subjects(subject)
  try {
    await claim.test(await subjects.context())
  } finally {
    await subjects.dispose()
  }
}
