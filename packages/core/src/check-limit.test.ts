import { expect, test } from "vitest"
import { checkLimit } from "./check-limit.ts"

test("checkLimit gives back a whole number from 1 on, and infinity", () => {
  for (const limit of [1, 2 ** 53, Number.POSITIVE_INFINITY])
    expect(checkLimit("maxBytes", limit)).toBe(limit)
})

test("checkLimit refuses what is none, and names the option", () => {
  for (const bad of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, "5" as unknown as number])
    expect(() => checkLimit("maxBytes", bad)).toThrow(
      new RangeError(`Cannot use maxBytes ${bad}: want a whole number from 1 on, or Infinity`),
    )
})
