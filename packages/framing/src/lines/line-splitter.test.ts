import { afterEach, expect, test, vi } from "vitest"
import { cuts, runDecoder } from "../../testing/cuts.ts"
import { FramingError } from "../framing-error.ts"
import { JsonSequenceDecoder } from "../json-sequence/json-sequence-decoder.ts"
import { NdjsonDecoder } from "../ndjson/ndjson-decoder.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { LineDecoder } from "./line-decoder.ts"

const utf8 = new TextEncoder()

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Decodes 64 KiB of short lines, and counts the decoders of UTF-8 that are made for it. */
function decodersMade(fatal: boolean, badBytes: number): number {
  let made = 0
  class CountedDecoder extends TextDecoder {
    constructor(...args: ConstructorParameters<typeof TextDecoder>) {
      super(...args)
      made += 1
    }
  }
  vi.stubGlobal("TextDecoder", CountedDecoder)
  const bytes = utf8.encode("0123456\n".repeat(8192))
  bytes.fill(0xff, 3, 3 + badBytes)
  const decoder = new LineDecoder({ fatal, onError: "skip" })
  const { values } = runDecoder(decoder, [bytes])
  expect(values).toHaveLength(fatal && badBytes > 0 ? 8191 : 8192)
  return made
}

test("replacing a bad byte makes no decoder for each line around it", () => {
  expect(decodersMade(false, 1)).toBe(decodersMade(false, 0))
  expect(decodersMade(true, 1)).toBeGreaterThan(decodersMade(true, 0))
})

const tooLong: [string, string, string, string, (limit: number) => IncrementalDecoder<unknown>][] =
  [
    ["NdjsonDecoder", "", "", "LINE_TOO_LONG", (max) => new NdjsonDecoder({ maxLineBytes: max })],
    [
      "NdjsonDecoder after a BOM",
      "\ufeff",
      "",
      "LINE_TOO_LONG",
      (max) => new NdjsonDecoder({ maxLineBytes: max }),
    ],
    ["LineDecoder", "\n", "", "LINE_TOO_LONG", (max) => new LineDecoder({ maxLineBytes: max })],
    [
      "LineDecoder that replaces",
      "",
      "",
      "LINE_TOO_LONG",
      (max) => new LineDecoder({ maxLineBytes: max, fatal: false }),
    ],
    [
      "LineDecoder at a BOM that is not the first",
      "\n",
      "\ufeff",
      "LINE_TOO_LONG",
      (max) => new LineDecoder({ maxLineBytes: max }),
    ],
    [
      "JsonSequenceDecoder",
      "",
      "\x1e",
      "ELEMENT_TOO_LARGE",
      (max) => new JsonSequenceDecoder({ maxElementBytes: max }),
    ],
  ]

for (const [name, before, head, code, create] of tooLong)
  test(`${name} shows the whole characters within the limit, however the input is cut`, () => {
    for (const [body, found, limit] of [
      ['"aé€bcdefgh"', '"aé', 4],
      ['"aé€bcdefgh"', '"a', 3],
      ["é😀x", "é", 5],
      ["é😀xyz", "é😀", 6],
      ["abcdef", "abcd", 4],
    ] as const) {
      const bytes = utf8.encode(`${before}${head}${body}\n`)
      for (const [cut, chunks] of cuts(bytes)) {
        const { error } = runDecoder(create(utf8.encode(head).length + limit), chunks)
        expect(error, cut).toBeInstanceOf(FramingError)
        expect({ ...(error as object) }, cut).toMatchObject({ code, excerpt: head + found })
      }
    }
  })

test("an error of a line has a cause where there is one, and else shows none", () => {
  const causes: unknown[] = []
  const decoder = new NdjsonDecoder({ maxLineBytes: 4, onError: (error) => causes.push(error) })
  runDecoder(decoder, [utf8.encode("nope\n12345\n")])
  expect(causes).toMatchObject([{ cause: expect.any(SyntaxError) }, { code: "LINE_TOO_LONG" }])
  expect(causes.map((error) => Object.hasOwn(error as object, "cause"))).toEqual([true, false])
})

test("a BOM and nothing else is no line, at any limit", () => {
  for (const maxLineBytes of [1, 2, 3, 4, 1_048_576])
    for (const [cut, chunks] of cuts(utf8.encode("\ufeff"))) {
      const where = `${maxLineBytes}, ${cut}`
      for (const fatal of [true, false]) {
        const decoder = new LineDecoder({ maxLineBytes, fatal, requireFinalNewline: true })
        expect(runDecoder(decoder, chunks), where).toStrictEqual({ values: [], error: undefined })
      }
      const records = new NdjsonDecoder({ maxLineBytes, blankLines: "error" })
      expect(runDecoder(records, chunks), where).toStrictEqual({ values: [], error: undefined })
    }
})

test("a BOM and a line feed is an empty line, at any limit", () => {
  for (const maxLineBytes of [1, 2, 3, 4, 1_048_576])
    for (const [cut, chunks] of cuts(utf8.encode("\ufeff\n"))) {
      const { values } = runDecoder(new LineDecoder({ maxLineBytes }), chunks)
      expect(values, `${maxLineBytes}, ${cut}`).toStrictEqual([""])
    }
})
