import { expect, test } from "vitest"
import { from } from "../sources/from.ts"
import { StreamError } from "../stream-error.ts"
import { byteChunkings, checkLaws } from "../testing/index.ts"
import { limitBytes } from "./limit-bytes.ts"

const bytes = new Uint8Array([1, 2, 3, 4, 5])

test("limitBytes keeps the laws", async () => {
  const report = await checkLaws(
    {
      create: () => limitBytes(5),
      inputs: [...bytes].map((byte) => new Uint8Array([byte])),
      outputs: [bytes],
      splits: "bytes",
      joins: "bytes",
      failing: { input: new Uint8Array(6), outputs: [] },
    },
    { except: { "deliver-then-fail": "what passes depends on what came before: tested below" } },
  )
  expect(report.held).toBeGreaterThanOrEqual(12)
})

for (const [maxBytes, fails] of [
  [6, false],
  [5, false],
  [4, true],
  [0, true],
] as const) {
  test(`limitBytes(${maxBytes}) ${fails ? "fails" : "passes"} five bytes, however they are cut`, async () => {
    let seen = 0
    for (const { chunks, name } of byteChunkings(bytes)) {
      const got: number[] = []
      const reader = from(chunks).pipeThrough(limitBytes(maxBytes)).getReader()
      let error: unknown
      try {
        for (let r = await reader.read(); !r.done; r = await reader.read()) got.push(...r.value)
      } catch (caught) {
        error = caught
      }
      expect(got, name).toEqual([...bytes.subarray(0, maxBytes)])
      const code = error instanceof StreamError ? error.code : error
      expect(code, name).toBe(fails ? "LIMIT_EXCEEDED" : undefined)
      seen++
    }
    expect(seen).toBeGreaterThan(10)
  })
}

test("limitBytes refuses what is not a whole number", () => {
  for (const limit of [-1, 0.5, Number.NaN]) expect(() => limitBytes(limit)).toThrow(RangeError)
})
