import { ConformanceError } from "./conformance-error.ts"
import { endClaims } from "./end-claims.ts"
import { faultClaims } from "./fault-claims.ts"
import { flowClaims } from "./flow-claims.ts"
import type { TransportCase, TransportClaim, TransportSubject } from "./transport-subject.ts"

/**
 * The claims that every transport has to hold, as cases for any test framework. Each case makes a
 * connection of its own and disposes of it.
 *
 * @example Run the suite without a framework
 * ```ts
 * import assert from "node:assert/strict"
 * import { memoryTransports, transportConformance } from "@bellmouth/mux/testing"
 *
 * const cases = transportConformance({
 *   supports: { halfClose: true, abort: true, maxUnreadBytes: 1_000_000, lose: true, remains: false },
 *   async connect() {
 *     const { first, second, cut } = memoryTransports({ seed: 1 })
 *     return { first, second, lose: cut }
 *   },
 * })
 * for (const { run, skip } of cases) if (skip === undefined) await run()
 * assert(cases.length > 12)
 * ```
 */
export function transportConformance(subject: TransportSubject): readonly TransportCase[] {
  return [...flowClaims, ...endClaims, ...faultClaims].map((claim) => {
    const skip = claim.skip?.(subject.supports)
    const run = (): Promise<void> => put(claim, subject)
    return { name: claim.name, run, ...(skip === undefined ? {} : { skip }) }
  })
}

async function put(claim: TransportClaim, subject: TransportSubject): Promise<void> {
  const { timeoutMs = 20_000, supports } = subject
  const ends = await subject.connect()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const fault = new ConformanceError(`Cannot confirm: ${claim.name}; not within ${timeoutMs} ms`)
    timer = setTimeout(() => reject(fault), timeoutMs)
  })
  try {
    await Promise.race([claim.test(ends, supports), late])
  } finally {
    clearTimeout(timer)
    await ends.dispose?.()
  }
}
