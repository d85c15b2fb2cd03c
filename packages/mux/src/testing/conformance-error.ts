/**
 * A claim of the suite that did not hold; the message says which, and what was seen.
 *
 * @example A transport that loses bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { ConformanceError, transportConformance } from "@bellmouth/mux/testing"
 *
 * const connect = async () => {
 *   const [first, second] = duplexPair<Uint8Array>()
 *   const lossy = new TransformStream<Uint8Array, Uint8Array>({
 *     transform: (chunk, controller) => controller.enqueue(chunk.subarray(1)),
 *   })
 *   const readable = second.readable.pipeThrough(lossy)
 *   return { first, second: { readable, writable: second.writable } }
 * }
 * const supports = { halfClose: true, abort: true, maxUnreadBytes: 1e6, lose: false, remains: false }
 * const [order] = transportConformance({ supports, connect, timeoutMs: 1000 })
 * const error = await order?.run().catch((reason) => reason)
 * assert(error instanceof ConformanceError)
 * ```
 */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError"
}

export function check(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new ConformanceError(`Cannot confirm: ${claim}`)
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
