/**
 * Whether a value is a `Uint8Array`, also one of another realm, such as a frame's, a `vm` context's or
 * that of a test framework, which `instanceof` does not know.
 *
 * @example Bytes of another realm
 * ```ts
 * import assert from "node:assert/strict"
 * import { runInNewContext } from "node:vm"
 * import { isBytes } from "@bellmouth/core"
 *
 * const bytes: unknown = runInNewContext("Uint8Array.of(1)")
 * assert.equal(bytes instanceof Uint8Array, false)
 * assert.equal(isBytes(bytes), true)
 * assert.equal(isBytes(new Uint16Array(1)), false)
 * ```
 */
export function isBytes(value: unknown): value is Uint8Array {
  // For the most common case: to ask for the tag takes one runtime 35 ns longer.
  return value instanceof Uint8Array || Object(value)[Symbol.toStringTag] === "Uint8Array"
}
