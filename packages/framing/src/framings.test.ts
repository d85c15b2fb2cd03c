import { expect, test } from "vitest"
import { findFraming, framings } from "./framings.ts"

test("findFraming finds every framing by each of its names, content types and extensions", () => {
  expect(framings.length).toBeGreaterThan(5)
  for (const framing of framings) {
    expect(findFraming({ name: framing.name })).toBe(framing)
    for (const contentType of framing.contentTypes) {
      expect(findFraming({ contentType: ` ${contentType.toUpperCase()} ; q=1` })).toBe(framing)
    }
    for (const extension of framing.extensions) {
      expect(findFraming({ extension })).toBe(framing)
      expect(findFraming({ extension: `/a.b/c${extension.toUpperCase()}` })).toBe(framing)
    }
  }
})

test("findFraming gives undefined for what it does not know", () => {
  for (const name of ["", "NDJSON", "toString", "__proto__"])
    expect(findFraming({ name })).toBeUndefined()
  for (const contentType of ["", "*/*", "application/jsonx", "text"])
    expect(findFraming({ contentType })).toBeUndefined()
  for (const extension of ["", "json", ".jsonx", "a/b"])
    expect(findFraming({ extension })).toBeUndefined()
})
