import fc from "fast-check"
import { expect, test } from "vitest"
import { indentJson, tokenizeJson } from "./json-text.ts"

test("the pieces of JSON text are the text, whatever it is", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
      const pieces = tokenizeJson(text).map((token) => token.text)
      expect(pieces.join("")).toBe(text)
    }),
  )
})

test("keys, texts, numbers and words are told apart", () => {
  const kinds = tokenizeJson('{"a": "b\\"c", "d": [-1.5e3, null]}').filter(
    (t) => t.kind !== "punctuation",
  )
  expect(kinds).toEqual([
    { kind: "key", text: '"a"' },
    { kind: "string", text: '"b\\"c"' },
    { kind: "key", text: '"d"' },
    { kind: "number", text: "-1.5e3" },
    { kind: "word", text: "null" },
  ])
})

test("a text that is cut in a string is a string to its end, in linear time", () => {
  expect(tokenizeJson('{"a":"b\\')).toEqual([
    { kind: "punctuation", text: "{" },
    { kind: "key", text: '"a"' },
    { kind: "punctuation", text: ":" },
    { kind: "string", text: '"b\\' },
  ])
  const quotes = JSON.stringify('"'.repeat(500_000)).slice(0, -1)
  expect(tokenizeJson(quotes)).toEqual([{ kind: "string", text: quotes }])
})

test("JSON is laid out as JSON.stringify would, whatever white space it has", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, "\t"), (value, space) => {
      const wanted = JSON.stringify(value, null, 2)
      expect(indentJson(JSON.stringify(value, null, space))).toBe(wanted)
    }),
  )
})

test("numbers, keys and texts are laid out as they were written", () => {
  expect(indentJson('{"id":12345678901234567890,"e":1e400,"id":"\\u0041","__proto__":[]}')).toBe(
    `{
  "id": 12345678901234567890,
  "e": 1e400,
  "id": "\\u0041",
  "__proto__": []
}`,
  )
})

test("depth costs no more than some spaces a level", () => {
  expect(indentJson("[".repeat(10_000)).length).toBeLessThan(10_000 * 66)
})
