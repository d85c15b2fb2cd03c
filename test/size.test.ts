import { expect, test } from "vitest"
import { bundleSize, measureSizes } from "../scripts/size.ts"

const text = "x".repeat(1000)
const code = `export const text = ${JSON.stringify(text)}`

test("bundleSize counts bytes before and after gzip", async () => {
  const { minified, gzipped } = await bundleSize({ name: "x", code, external: [] })
  expect(minified).toBeGreaterThan(1000)
  expect(gzipped).toBeLessThan(200)
})

test("measureSizes reports a case over its limit and one that does not bundle", async () => {
  const { checked, findings } = await measureSizes([
    { name: "fits", code, external: [], maxGzipBytes: 500 },
    { name: "large", code, external: [], maxGzipBytes: 10 },
    { name: "gone", code: 'export { no } from "./gone.js"', external: [] },
  ])
  expect(checked).toBe(3)
  expect(findings).toEqual([
    expect.stringMatching(/^large takes \d+ B gzipped: the limit is 10 B$/),
    expect.stringMatching(/^gone does not bundle: /),
  ])
})
