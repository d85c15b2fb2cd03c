import { expect, test } from "vitest"
import { runIn } from "../../scripts/run-in.ts"
import type { ObjectResult } from "./objects-in-chromium.ts"

test("A session of values between a page and a worker clones, hands over, bounds and fails as one", async () => {
  const { code, values, output } = await runIn(
    "test/transports/objects-in-chromium.ts",
    "chromium",
    { timeoutMs: 60_000 },
  )
  const results = values as readonly ObjectResult[]
  expect(results.filter(({ error }) => error !== "")).toEqual([])
  expect(code, output).toBe(0)
  expect(results).toHaveLength(7)
})
