import fc from "fast-check"
import { expect, test } from "vitest"
import { reconnectDelay } from "./reconnect-delay.ts"

const highest = () => 1 - Number.EPSILON

test("waits double with each failure, up to the limit", () => {
  const options = { retryMs: 1000, maxRetryMs: 30_000, random: highest }
  const waits = [0, 1, 2, 3, 4, 5, 6, 7, 1e9].map((failures) => reconnectDelay(failures, options))
  expect(waits).toEqual([1000, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test("a retry of 0 waits not at all after what worked, and never loops tightly after what failed", () => {
  const options = { retryMs: 0, maxRetryMs: 30_000, random: highest }
  expect([0, 1, 2, 3].map((failures) => reconnectDelay(failures, options))).toEqual([
    0, 50, 100, 200,
  ])
})

test("a wait lies in the upper half of what it may be", () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.nat(60_000),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (failures, retryMs, chance) => {
        const options = { retryMs, maxRetryMs: 30_000 }
        const full = reconnectDelay(failures, { ...options, random: highest })
        const wait = reconnectDelay(failures, { ...options, random: () => chance })
        expect(wait).toBeLessThanOrEqual(full)
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full / 2))
        expect(full).toBeLessThanOrEqual(30_000)
      },
    ),
  )
})
