/**
 * Joins chunks of bytes into one new array, which the caller owns. Each byte is copied once.
 *
 * @example Two chunks as one
 * ```ts
 * import assert from "node:assert/strict"
 * import { concatBytes } from "@bellmouth/core"
 *
 * const joined = concatBytes([new Uint8Array([1, 2]), new Uint8Array([3])])
 * assert.deepEqual(joined, new Uint8Array([1, 2, 3]))
 * ```
 */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
