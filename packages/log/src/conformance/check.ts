/**
 * A claim of the suite that did not hold; the message says which, and what was seen.
 *
 * @example A log that acknowledges the wrong offsets
 * ```ts
 * import assert from "node:assert/strict"
 * import { MemoryBackend, openLog, START } from "@bellmouth/log"
 * import { ConformanceError, logConformance } from "@bellmouth/log/conformance"
 *
 * class Wrong extends MemoryBackend {
 *   override async commit(commit: Parameters<MemoryBackend["commit"]>[0]) {
 *     await super.commit(commit)
 *     return { offset: START }
 *   }
 * }
 * const { supports } = new MemoryBackend()
 * const create = async () => ({ log: openLog(new Wrong()) })
 * const failed: unknown[] = []
 * for (const { run, skip } of logConformance({ supports, create })) {
 *   if (skip === undefined) await run().catch((error) => failed.push(error))
 * }
 * assert(failed.some((error) => error instanceof ConformanceError))
 * ```
 */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError"
}

export function check(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new ConformanceError(`Cannot confirm: ${claim}`)
}

export function checkEqual<T>(seen: T, wanted: T, claim: string): void {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(wanted)]
  check(left === right, `${claim}; saw ${left}, want ${right}`)
}

/** The reason that a promise rejects with. */
export async function rejection(promise: Promise<unknown>, claim: string): Promise<unknown> {
  try {
    await promise
  } catch (reason) {
    return reason
  }
  throw new ConformanceError(`Cannot confirm: ${claim}; it did not reject`)
}

export function checkCode(reason: unknown, code: string, claim: string): void {
  const seen = reason instanceof Error && "code" in reason ? reason.code : reason
  check(seen === code, `${claim}; saw ${String(seen)}, want ${code}`)
}

/** Lets what can settle without input or output do so. */
export async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

/** A promise that is awaited later, or never when something fails before: its rejection waits, too. */
export function later<T>(promise: Promise<T>): Promise<T> {
  // It is thrown to who awaits the promise.
  promise.catch(() => {})
  return promise
}
