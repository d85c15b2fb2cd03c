import { expect, test } from "vitest"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { LineDecoder, type LineDecoderOptions } from "./line-decoder.ts"

testDecodeVectors<LineDecoderOptions, string>("lines-decode", (options) => new LineDecoder(options))

test("the record of a bad line of text is the line, for an empty line is one, too", () => {
  const places: unknown[] = []
  const decoder = new LineDecoder({
    maxLineBytes: 2,
    requireFinalNewline: true,
    onError: ({ code, record, line, byteOffset }) => places.push([code, record, line, byteOffset]),
  })
  const bytes = new TextEncoder().encode("\n\r\nabc\n?\nx")
  bytes[7] = 0xff
  decoder.push(bytes, () => {})
  decoder.finish(() => {})
  expect(places).toStrictEqual([
    ["LINE_TOO_LONG", 3, 3, 3],
    ["INVALID_UTF8", 4, 4, 7],
    ["UNTERMINATED", 5, 5, 9],
  ])
})
