import fc from "fast-check"
import { expect, test } from "vitest"
import { tokenizeJson } from "./json-text.ts"

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
