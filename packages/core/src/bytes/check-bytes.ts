import { isBytes } from "./is-bytes.ts"

/**
 * Refuses a chunk that is not a `Uint8Array`, of whatever realm, or whose bytes were transferred: one
 * that looks empty. `action` says in the `TypeError` what can not be done.
 *
 * @example Check what a stage of one's own is given
 * ```ts
 * import assert from "node:assert/strict"
 * import { checkBytes } from "@bellmouth/core"
 *
 * const moved = Uint8Array.of(1)
 * structuredClone(moved, { transfer: [moved.buffer] })
 * checkBytes("count", Uint8Array.of(1))
 * for (const chunk of ["text", moved]) assert.throws(() => checkBytes("count", chunk), TypeError)
 * ```
 */
export function checkBytes(action: string, chunk: unknown): asserts chunk is Uint8Array {
  if (!isBytes(chunk))
    throw new TypeError(`Cannot ${action}: want a Uint8Array, got ${{}.toString.call(chunk)}`)
  // It throws for one that was transferred.
  if (chunk.length === 0) chunk.subarray()
}
