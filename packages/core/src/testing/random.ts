/**
 * Makes a small seeded generator of whole numbers: the same seed gives the same numbers, in every
 * runtime. It is for tests and has no use in cryptography.
 *
 * @param seed any integer; only its low 32 bits count
 * @returns a function that gives a whole number from 0 up to, but not including, `below`
 *
 * @example The same seed gives the same numbers
 * ```ts
 * import assert from "node:assert/strict"
 * import { seededRandom } from "@bellmouth/core/testing"
 *
 * const one = seededRandom(7)
 * const other = seededRandom(7)
 * assert.deepEqual([one(100), one(100)], [other(100), other(100)])
 * ```
 */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    // mulberry32: 32 bits of state, full period, and no runtime's own generator in it
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
