import { expect, test } from "vitest"
import { encodeJson } from "./encode-json.ts"

test("encodeJson writes what JSON.stringify gives, as UTF-8", () => {
  for (const value of [{ a: [1, "é😀\u2028\n"] }, null, -0, Number.NaN, new Date(0), "\ud800", ""])
    expect(new TextDecoder().decode(encodeJson(value))).toBe(JSON.stringify(value))
})

test("encodeJson refuses what has no JSON with a TypeError", () => {
  const circle: unknown[] = []
  circle.push(circle)
  for (const value of [undefined, () => 1, Symbol("s"), 1n, [1n], circle, { toJSON: () => {} }])
    expect(() => encodeJson(value)).toThrow(TypeError)
  expect(() => encodeJson(undefined)).toThrow("Cannot encode a JSON value: undefined has no JSON")
})
