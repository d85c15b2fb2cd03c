import { expect, test } from "vitest"
import { roundTrips } from "../../testing/sse-round-trips.ts"

test("encodeSse round-trips 100,000 hostile events before two judges", () => {
  expect(roundTrips(17_000)).toBeGreaterThan(100_000)
})
