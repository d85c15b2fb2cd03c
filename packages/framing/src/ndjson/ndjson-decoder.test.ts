import { expect, test } from "vitest"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { decodeNdjson } from "./decode-ndjson.ts"
import { NdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson-decoder.ts"

testDecodeVectors<NdjsonDecoderOptions, unknown>(
  "ndjson-decode",
  (options) => new NdjsonDecoder(options),
)

test("NdjsonDecoder skips a line of white space before a parse of one's own sees it", () => {
  const seen: string[] = []
  const parse = (text: string): number => seen.push(text)
  expect(decodeNdjson(new TextEncoder().encode(" \t\r\n\na\n \n"), { parse })).toEqual([1])
  expect(seen).toEqual(["a"])
})
