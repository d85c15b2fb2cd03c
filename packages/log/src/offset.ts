declare const offsetBrand: unique symbol

/**
 * A position in a log: the number of records before it.
 *
 * Offsets of one log are ordered by `<` and equal on every backend. Outside this package they are
 * opaque: store them, compare them, hand them back.
 */
export type Offset = number & { readonly [offsetBrand]: true }

/**
 * The offset of a log's first record.
 *
 * @example Begin at the first record
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { createMemoryLog, START } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * await log.writable().getWriter().write(new Uint8Array([7]))
 * const [first] = await toArray(log.replay({ from: START, follow: true, limit: 1 }))
 * assert.equal(first?.offset, START)
 * ```
 */
export const START: Offset = toOffset(0)

/**
 * Makes an offset of a whole number from 0 to 2^53 - 1, such as one that was stored.
 *
 * @throws {RangeError} when `value` is anything else.
 *
 * @example Take an offset from a query string
 * ```ts
 * import assert from "node:assert/strict"
 * import { START, toOffset } from "@bellmouth/log"
 *
 * assert.equal(toOffset(Number("0")), START)
 * assert.throws(() => toOffset(Number("-1")), RangeError)
 * assert.throws(() => toOffset(Number("now")), RangeError)
 * ```
 */
export function toOffset(value: number): Offset {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `Cannot make an offset of ${value}: want a whole number from 0 to 2^53 - 1`,
    )
  }
  return value as Offset
}
