import fc from "fast-check"
import { expect, test } from "vitest"
import { cuts, hex, runDecoder } from "../testing/cuts.ts"
import { cutAt, hostileBytes } from "../testing/hostile.ts"
import { encodeFrames } from "./frames/encode-frames.ts"
import { FrameDecoder } from "./frames/frame-decoder.ts"
import { FramingError } from "./framing-error.ts"
import { JsonDecoder } from "./json/json-decoder.ts"
import { JsonElementDecoder } from "./json-elements/json-element-decoder.ts"
import { JsonElementEncoder } from "./json-elements/json-element-encoder.ts"
import { encodeJsonSequence } from "./json-sequence/encode-json-sequence.ts"
import { JsonSequenceDecoder } from "./json-sequence/json-sequence-decoder.ts"
import { ByteLineDecoder } from "./lines/byte-line-decoder.ts"
import { encodeLines } from "./lines/encode-lines.ts"
import { LineDecoder } from "./lines/line-decoder.ts"
import type { IncrementalDecoder } from "./transformers/incremental-decoder.ts"

const places = fc.array(fc.nat(), { maxLength: 6 })
const jsonPieces = [
  ...'[[[]]],,,{}:"" \n1e\\-é😀\ufeff\x1e',
  '"a"',
  "1,",
  '{"a":[',
  "null",
  "[1,2]",
]

interface Case {
  name: string
  pieces: readonly string[]
  create(limit: number | undefined): IncrementalDecoder<unknown>
  /** The codes that hostile bytes must have reached. */
  codes: readonly string[]
}

const cases: Case[] = [
  {
    name: "JsonDecoder",
    pieces: jsonPieces,
    create: (limit) => new JsonDecoder({ maxBytes: limit, maxDepth: limit }),
    codes: ["INVALID_JSON", "INVALID_UTF8", "NO_VALUE", "VALUE_TOO_LARGE"],
  },
  {
    name: "JsonElementDecoder",
    pieces: ["[", "[1,", ...jsonPieces],
    create: (limit) => new JsonElementDecoder({ maxElementBytes: limit, maxDepth: limit }),
    codes: ["ELEMENT_TOO_LARGE", "INVALID_JSON", "INVALID_UTF8", "NO_VALUE", "UNTERMINATED"],
  },
  {
    name: "JsonSequenceDecoder",
    pieces: [
      "\x1e12",
      "\x1e7",
      "\x1enull",
      "\x1e1\n",
      '\x1e"a"\n',
      "\x1e[1,\n2]\n",
      "\x1e",
      ...jsonPieces,
    ],
    create: (limit) =>
      new JsonSequenceDecoder({
        maxElementBytes: limit,
        maxDepth: limit,
        onError: limit === undefined ? "skip" : "throw",
      }),
    codes: ["ELEMENT_TOO_LARGE", "INVALID_JSON", "INVALID_UTF8", "UNTERMINATED"],
  },
  {
    name: "LineDecoder",
    pieces: [..."\n\n\r\ra é😀\ufeff\u2028", "\r\n"],
    create: (limit) => new LineDecoder({ maxLineBytes: limit, requireFinalNewline: limit === 3 }),
    codes: ["INVALID_UTF8", "LINE_TOO_LONG", "UNTERMINATED"],
  },
  {
    name: "ByteLineDecoder",
    pieces: [..."\n\n\r\rabc\ufeff", "\r\n"],
    create: (limit) =>
      new ByteLineDecoder({ maxLineBytes: limit, requireFinalNewline: limit === 3 }),
    codes: ["LINE_TOO_LONG", "UNTERMINATED"],
  },
  {
    name: "FrameDecoder",
    pieces: ["\0\0\0\x01a", "\0\0\0\0", "\0\0\0\x03", "\0", "\x01", "abc"],
    create: (limit) => new FrameDecoder({ maxFrameBytes: limit }),
    codes: ["FRAME_TOO_LARGE", "TRUNCATED"],
  },
  {
    name: "FrameDecoder with varints",
    pieces: ["\x01a", "\0", "\x02ab", "\x03", "\x80", "\x80\x01"],
    create: (limit) => new FrameDecoder({ prefix: "varint", maxFrameBytes: limit }),
    codes: ["FRAME_TOO_LARGE", "INVALID_LENGTH", "TRUNCATED"],
  },
]

function run(decoder: IncrementalDecoder<unknown>, chunks: Uint8Array[]): unknown {
  const show = (value: unknown): unknown => (value instanceof Uint8Array ? hex(value) : value)
  const { values, error } = runDecoder(decoder, chunks, show)
  if (error === undefined) return { values }
  if (!(error instanceof FramingError)) throw error
  const { code, record, line, byteOffset, excerpt } = error
  return { values, code, record, line, byteOffset, excerpt }
}

for (const { name, pieces, create, codes } of cases)
  test(`${name} gives the same, errors included, for any cut of any bytes`, () => {
    const seen = new Set<unknown>()
    let values = 0
    const limit = fc.constantFrom(2, 3, 8, undefined)
    fc.assert(
      fc.property(hostileBytes(pieces), places, limit, (bytes, cut, max) => {
        const whole = run(create(max), [bytes]) as { values: unknown[]; code?: string }
        expect(run(create(max), cutAt(bytes, cut))).toStrictEqual(whole)
        seen.add(whole.code)
        values += whole.values.length
      }),
      { numRuns: 2500 },
    )
    for (const code of [undefined, ...codes]) expect(seen).toContain(code)
    expect(values).toBeGreaterThan(3)
  })

const jsonValues = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 })
const asJson = (values: unknown[]): unknown[] => JSON.parse(JSON.stringify(values)) as unknown[]

test("JsonElementDecoder takes exactly the arrays that JSON.parse takes", () => {
  let arrays = 0
  let placed = 0
  const hostile = hostileBytes(["[", "[1,", "]", "]", ...jsonPieces])
  const whole = jsonValues.map((values) => new TextEncoder().encode(JSON.stringify(values)))
  fc.assert(
    fc.property(fc.oneof(hostile, hostile, whole), places, (bytes, cut) => {
      const { values, error } = runDecoder(new JsonElementDecoder(), cutAt(bytes, cut))
      let whole: unknown
      try {
        whole = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
      } catch {
        whole = undefined
      }
      if (!Array.isArray(whole)) {
        expect(error).toBeInstanceOf(FramingError)
        const { record, byteOffset = -1 } = error as FramingError
        expect(record).toBe(values.length + 1)
        if (values.length === 0) return
        // It begins behind a comma, or behind the bracket that closes the array.
        placed++
        expect([0x2c, 0x5d]).toContain(bytes[byteOffset - 1])
      } else {
        arrays++
        expect({ values, error }).toStrictEqual({ values: whole, error: undefined })
      }
    }),
    { numRuns: 3000 },
  )
  expect(arrays).toBeGreaterThan(500)
  expect(placed).toBeGreaterThan(50)
})

test("JSON elements come back as they went, however they are grouped and cut", () => {
  fc.assert(
    fc.property(fc.array(jsonValues, { maxLength: 4 }), places, (groups, cut) => {
      const encoder = new JsonElementEncoder()
      const parts = [...groups.map((group) => encoder.push(group)), encoder.finish()]
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
      const { values, error } = runDecoder(new JsonElementDecoder(), cutAt(bytes, cut))
      expect({ values, error }).toStrictEqual({ values: asJson(groups.flat()), error: undefined })
    }),
    { numRuns: 500 },
  )
})

test("JSON sequences come back as they went", () => {
  fc.assert(
    fc.property(jsonValues, places, (sent, cut) => {
      const chunks = cutAt(encodeJsonSequence(sent), cut)
      const { values, error } = runDecoder(new JsonSequenceDecoder(), chunks)
      expect({ values, error }).toStrictEqual({ values: asJson(sent), error: undefined })
    }),
    { numRuns: 500 },
  )
})

test("lines of bytes come back as they went, or are refused", () => {
  let refused = 0
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 8, max: 16 }), { maxLength: 6 }),
      places,
      (sent, cut) => {
        const bad = sent.some((line) => line.includes(10) || line.at(-1) === 13)
        if (bad) {
          refused++
          expect(() => encodeLines(sent)).toThrow(TypeError)
          return
        }
        const chunks = cutAt(encodeLines(sent), cut)
        expect(run(new ByteLineDecoder(), chunks)).toStrictEqual({ values: sent.map(hex) })
      },
    ),
    { numRuns: 1000 },
  )
  expect(refused).toBeGreaterThan(50)
})

test("lines of text come back as they went, or are refused", () => {
  const pieces = [..."ab\n\r\ufeff\u2028é😀", ""]
  const line = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((all) => all.join(""))
  let refused = 0
  let marked = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), places, (sent, cut) => {
      const isMarked = sent[0]?.startsWith("\ufeff") ?? false
      if (isMarked || sent.some((each) => each.includes("\n") || each.endsWith("\r"))) {
        refused++
        marked += isMarked ? 1 : 0
        expect(() => encodeLines(sent)).toThrow(TypeError)
        return
      }
      const chunks = cutAt(encodeLines(sent), cut)
      expect(run(new LineDecoder(), chunks)).toStrictEqual({ values: sent })
    }),
    { numRuns: 2000 },
  )
  expect(refused).toBeGreaterThan(200)
  expect(marked).toBeGreaterThan(20)
})

test("lines and frames of Buffers are plain bytes, however they are cut", () => {
  for (const [create, bytes] of [
    [() => new ByteLineDecoder(), Uint8Array.of(1, 10, 2, 3)],
    [() => new FrameDecoder({ prefix: "varint" }), Uint8Array.of(1, 1, 2, 2, 3)],
  ] as const)
    for (const [cut, chunks] of cuts(bytes)) {
      const { values } = runDecoder<Uint8Array>(create(), chunks, (value) => value.constructor)
      expect(values, cut).toEqual([Uint8Array, Uint8Array])
    }
})

test("frames come back as they went, under either prefix", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300, size: "max" }), { maxLength: 4 }),
      places,
      fc.constantFrom("u32", "varint"),
      (sent, cut, prefix) => {
        const chunks = cutAt(encodeFrames(sent, { prefix }), cut)
        expect(run(new FrameDecoder({ prefix }), chunks)).toStrictEqual({ values: sent.map(hex) })
      },
    ),
    { numRuns: 500 },
  )
})
