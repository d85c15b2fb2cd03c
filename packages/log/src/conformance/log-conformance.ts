import type { Log } from "../log.ts"
import { appendClaims } from "./append-claims.ts"
import type {
  Claim,
  ConformanceCase,
  ConformanceLog,
  ConformanceSubject,
} from "./conformance-case.ts"
import { identityClaims } from "./identity-claims.ts"
import { producerClaims } from "./producer-claims.ts"
import { replayClaims } from "./replay-claims.ts"
import { trimClaims } from "./trim-claims.ts"

/**
 * The claims that every log has to hold, as cases for any test framework. Each case makes its own
 * logs, and closes and disposes of them.
 *
 * @example Run the suite without a framework
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog } from "@bellmouth/log"
 * import { logConformance } from "@bellmouth/log/conformance"
 *
 * const cases = logConformance({
 *   supports: { append: true, producers: true, trim: true, seal: true, fork: "shared", reopen: false, manyWriters: false },
 *   create: async () => ({ log: createMemoryLog() }),
 * })
 * for (const { run, skip } of cases) if (skip === undefined) await run()
 * assert(cases.length > 20)
 * ```
 */
export function logConformance(subject: ConformanceSubject): readonly ConformanceCase[] {
  return [
    ...identityClaims,
    ...appendClaims,
    ...replayClaims,
    ...producerClaims,
    ...trimClaims,
  ].map((claim) => toCase(claim, subject))
}

function toCase(claim: Claim, subject: ConformanceSubject): ConformanceCase {
  const { name, needs } = claim
  const run = (): Promise<void> => put(claim, subject)
  if (needs === undefined || subject.supports[needs]) return { name, run }
  return { name, run, skip: `the backend declares supports.${needs} false` }
}

async function put(claim: Claim, subject: ConformanceSubject): Promise<void> {
  const made: ConformanceLog[] = []
  const open: Log[] = []
  const create = async (): Promise<ConformanceLog> => {
    const one = await subject.create()
    made.push(one)
    open.push(one.log)
    return one
  }
  try {
    const first = await create()
    await claim.test({
      log: first.log,
      supports: subject.supports,
      another: async () => (await create()).log,
      reopen: async () => {
        if (first.reopen === undefined)
          throw new TypeError("Cannot reopen the log: the subject has no reopen()")
        await Promise.all(open.splice(0).map((log) => log.close()))
        const again = await first.reopen()
        open.push(again)
        return again
      },
    })
  } finally {
    await Promise.all(open.map((log) => log.close()))
    for (const one of made) await one.dispose?.()
  }
}
