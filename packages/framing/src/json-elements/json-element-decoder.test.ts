import { expect, test } from "vitest"
import { runDecoder } from "../../testing/cuts.ts"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
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

/** Runs something on a platform whose decoder of UTF-8 refuses some bytes. */
function refusing(isRefused: (bytes: Uint8Array) => boolean, run: () => void): void {
  const decode = TextDecoder.prototype.decode
  TextDecoder.prototype.decode = function (this: TextDecoder, input, options) {
    if (isRefused(input as Uint8Array)) throw new TypeError("refused")
    return decode.call(this, input, options)
  }
  try {
    run()
  } finally {
    TextDecoder.prototype.decode = decode
  }
}

test("JsonElementDecoder decodes a chunk that is longer than any string, in pieces", () => {
  const elements = Array.from({ length: 100_000 }, (_, n) => n)
  const chunk = bytes(JSON.stringify(elements))
  expect(chunk.length).toBeGreaterThan(500_000)
  refusing(
    ({ length }) => length > 100_000,
    () => expect(decodeJsonElements(chunk)).toEqual(elements),
  )
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
