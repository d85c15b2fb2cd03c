import { expect, test } from "vitest"
import { readVectors } from "../../testing/vectors.ts"
import { decodeNdjson } from "./decode-ndjson.ts"
import { encodeNdjson, encodeNdjsonText } from "./encode-ndjson.ts"
import { NdjsonLine } from "./ndjson-line.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

for (const { id, value, line } of readVectors<{ id: string; value: unknown; line: string }>(
  "ndjson-encode",
))
  test(`encodeNdjson writes vector ${id} and decodeNdjson reads it back`, () => {
    expect(encodeNdjsonText(value)).toBe(line)
    const bytes = encodeNdjson([value, value])
    expect(text(bytes)).toBe(line + line)
    expect(bytes.filter((byte) => byte === 10 || byte === 13)).toHaveLength(2)
    expect(decodeNdjson(bytes)).toStrictEqual([value, value])
  })

test("encodeNdjson writes what JSON.stringify makes of special values", () => {
  const toJson = { toJSON: () => "mine" }
  expect(text(encodeNdjson([Number.NaN, 1 / 0, new Date(0), toJson, { a: undefined }]))).toBe(
    'null\nnull\n"1970-01-01T00:00:00.000Z"\n"mine"\n{}\n',
  )
  expect(encodeNdjson([])).toHaveLength(0)
})

test("encodeNdjson writes numbers that are given as text by JSON.rawJSON", () => {
  const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown }
  expect(rawJSON).toBeDefined()
  const record = { id: rawJSON?.("9007199254740993") }
  expect(text(encodeNdjson([record]))).toBe('{"id":9007199254740993}\n')
})

test("encodeNdjson refuses what has no JSON with a TypeError", () => {
  const circle: unknown[] = []
  circle.push(circle)
  for (const record of [undefined, () => 1, Symbol("s"), 1n, circle, { toJSON: () => undefined }])
    expect(() => encodeNdjson([1, record])).toThrow(TypeError)
  expect(() => encodeNdjson([undefined])).toThrow("undefined has no JSON")
})

test("encodeNdjson lets the error of a toJSON method through unchanged", () => {
  const reason = new RangeError("mine")
  const record = {
    toJSON() {
      throw reason
    },
  }
  expect(() => encodeNdjson([record])).toThrow(reason)
})

test("NdjsonLine keeps checked text as it is", () => {
  const lines = [new NdjsonLine(' {"n": 9007199254740993} '), new NdjsonLine(Uint8Array.of(0x31))]
  expect(text(encodeNdjson(lines))).toBe(' {"n": 9007199254740993} \n1\n')
})

test("NdjsonLine refuses what could forge a record or is not one JSON value", () => {
  for (const bad of ["1\n2", "1\n", "[1,\r2]", "", " ", "nope", "1 2", "\ufeff1", '"\ud800"'])
    expect(() => new NdjsonLine(bad), bad).toThrow(TypeError)
  expect(() => new NdjsonLine(Uint8Array.of(0x22, 0xff, 0x22))).toThrow("it is not UTF-8")
  for (const none of [5, null, undefined, {}, new ArrayBuffer(1)])
    expect(() => new NdjsonLine(none as string)).toThrow(
      "Cannot take an encoded line: want a Uint8Array, got [object ",
    )
  expect(() => new NdjsonLine("1\n2")).toThrow("it has a line end at 1")
  expect(text(encodeNdjson([new NdjsonLine('"😀\\ud800"')]))).toBe('"😀\\ud800"\n')
})
