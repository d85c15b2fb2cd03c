import { expect, test } from "vitest"
import { Rate } from "./rate.ts"

test("Rate forgets seconds that are over, also when none was looked at", () => {
  const rate = new Rate(4, 10_000)
  rate.add(2, 10_100)
  rate.add(1, 10_900)
  rate.add(5, 12_000)
  expect([...rate.counts(12_999)]).toEqual([0, 3, 0, 5])
  expect([...rate.counts(13_000)]).toEqual([3, 0, 5, 0])
  expect([...rate.counts(1_000_000)]).toEqual([0, 0, 0, 0])
})

test("the rate is the mean of the last five full seconds", () => {
  const rate = new Rate(60, 0)
  for (let second = 0; second < 6; second++) rate.add(10, second * 1000)
  expect(rate.perSecond(5_500)).toBe(10)
  expect(rate.perSecond(7_500)).toBe(8)
})
