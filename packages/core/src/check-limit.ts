/**
 * Gives back the limit that an option sets: a whole number from 1 on, or `Infinity`, which switches it
 * off. Anything else is a `RangeError` that names the option.
 *
 * @example A limit of a decoder of one's own
 * ```ts
 * import assert from "node:assert/strict"
 * import { checkLimit } from "@bellmouth/core"
 *
 * assert.equal(checkLimit("maxBytes", 4096), 4096)
 * for (const bad of [0, 1.5, Number.NaN]) assert.throws(() => checkLimit("maxBytes", bad), RangeError)
 * ```
 */
export function checkLimit(name: string, limit: number): number {
  if (limit > 0 && Math.floor(limit) === limit) return limit
  throw new RangeError(`Cannot use ${name} ${limit}: want a whole number from 1 on, or Infinity`)
}
