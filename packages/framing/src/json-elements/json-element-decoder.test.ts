import { expect, test } from "vitest"
import { runDecoder } from "../../testing/cuts.ts"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { refusing } from "../../testing/refusing.ts"
import { decodeJsonElements } from "./decode-json-elements.ts"
import { JsonElementDecoder, type JsonElementDecoderOptions } from "./json-element-decoder.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

testDecodeVectors<JsonElementDecoderOptions, unknown>(
  "json-elements-decode",
  (options) => new JsonElementDecoder(options),
)

test("JsonElementDecoder refuses a missing element before a parse of one's own sees it", () => {
  for (const [input, before] of [
    ["[1,,2]", ["1"]],
    ["[,1]", []],
    ["[1, \n]", ["1"]],
  ] as const) {
    const decoder = new JsonElementDecoder({ parse: (text) => text })
    const { values, error } = runDecoder(decoder, [bytes(input)])
    expect(values, input).toEqual(before)
    expect(error, input).toMatchObject({ code: "INVALID_JSON", record: before.length + 1 })
  }
  expect(decodeJsonElements(bytes("[ ]"), { parse: (text) => text })).toEqual([])
})

test("JsonElementDecoder decodes memory that browsers refuse to, such as shared one", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8))
  refusing(
    ({ buffer }) => buffer === shared.buffer,
    () => {
      shared.set(bytes('["é",1]'))
      expect(decodeJsonElements(shared)).toEqual(["é", 1])
      shared[2] = 0xff
      expect(() => decodeJsonElements(shared)).toThrow("it is not UTF-8")
    },
  )
})
