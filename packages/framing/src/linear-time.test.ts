import { expect, test } from "vitest"
import { type GrowthCase, isLinear } from "../testing/growth.ts"
import { growthCases } from "../testing/growth-cases.ts"

for (const growth of growthCases)
  test(`the time for ${growth.name} in 64-byte chunks grows with its length`, () => {
    expect(isLinear(growth, 8000)).toBe(true)
  }, 60_000)

test("a decoder that scans what it holds again is caught", () => {
  const create = (): ReturnType<GrowthCase["create"]> => {
    let held = ""
    const utf8 = new TextDecoder()
    return {
      push: (chunk, emit) => {
        held += utf8.decode(chunk)
        const lf = held.indexOf("\n")
        if (lf !== -1) emit(held.slice(0, lf))
      },
      finish: () => {},
    }
  }
  const quadratic = { name: "a line", create, head: "", body: "x", tail: "\n", values: 1 }
  expect(isLinear(quadratic, 1000, { runs: 20, tries: 1 })).toBe(false)
}, 60_000)
