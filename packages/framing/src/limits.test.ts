import { expect, test } from "vitest"
import { refusing } from "../testing/refusing.ts"
import { encodeFrames } from "./frames/encode-frames.ts"
import { FrameDecoder } from "./frames/frame-decoder.ts"
import { FramingError } from "./framing-error.ts"
import { JsonDecoder } from "./json/json-decoder.ts"
import { JsonElementDecoder } from "./json-elements/json-element-decoder.ts"
import { JsonSequenceDecoder } from "./json-sequence/json-sequence-decoder.ts"
import { ByteLineDecoder } from "./lines/byte-line-decoder.ts"
import { encodeLines } from "./lines/encode-lines.ts"
import { LineDecoder } from "./lines/line-decoder.ts"
import { NdjsonDecoder } from "./ndjson/ndjson-decoder.ts"
import { SseDecoder } from "./sse/sse-decoder.ts"
import type { IncrementalDecoder } from "./transformers/incremental-decoder.ts"

const MIB = 1_048_576
const CHUNK = 65_536

const endless: [string, IncrementalDecoder<unknown>, string, number][] = [
  ["NdjsonDecoder", new NdjsonDecoder(), '"', MIB],
  ["SseDecoder, one line", new SseDecoder(), "data: ", MIB],
  ["SseDecoder, comments asked for", new SseDecoder({ onComment: () => {} }), ":", MIB],
  ["JsonDecoder", new JsonDecoder(), '"', 16 * MIB],
  ["JsonElementDecoder", new JsonElementDecoder(), '["', MIB],
  ["JsonSequenceDecoder", new JsonSequenceDecoder(), '\x1e"', MIB],
  ["LineDecoder", new LineDecoder(), "", MIB],
  ["ByteLineDecoder", new ByteLineDecoder(), "", MIB],
]

for (const [name, decoder, head, limit] of endless)
  test(`${name} refuses an endless input within one chunk of its default limit`, () => {
    const body = new Uint8Array(CHUNK).fill(0x78)
    let pushed = 0
    const emit = (): void => {}
    const push = (): void => {
      decoder.push(new TextEncoder().encode(head), emit)
      for (; pushed < 32 * MIB; pushed += CHUNK) decoder.push(body, emit)
    }
    expect(push).toThrow(FramingError)
    expect(pushed).toBeGreaterThanOrEqual(limit - CHUNK)
    expect(pushed).toBeLessThanOrEqual(limit)
  })

const exact: [string, IncrementalDecoder<unknown>, string][] = [
  ["NdjsonDecoder", new NdjsonDecoder({ maxLineBytes: 10 }), '"234567890'],
  ["NdjsonDecoder after a BOM", new NdjsonDecoder({ maxLineBytes: 10 }), '\ufeff"234567890'],
  ["NdjsonDecoder in its second line", new NdjsonDecoder({ maxLineBytes: 10 }), '1\n"234567890'],
  ["SseDecoder", new SseDecoder({ maxEventBytes: 10 }), "data:67890"],
  ["JsonDecoder", new JsonDecoder({ maxBytes: 10 }), '"234567890'],
  ["JsonDecoder after a BOM", new JsonDecoder({ maxBytes: 10 }), '\ufeff"234567890'],
  ["JsonElementDecoder", new JsonElementDecoder({ maxElementBytes: 10 }), '["234567890'],
  ["JsonSequenceDecoder", new JsonSequenceDecoder({ maxElementBytes: 10 }), '\x1e"34567890'],
  ["LineDecoder", new LineDecoder({ maxLineBytes: 10 }), "1234567890"],
  ["ByteLineDecoder", new ByteLineDecoder({ maxLineBytes: 10 }), "1\n1234567890"],
]

for (const [name, decoder, fits] of exact)
  test(`${name} takes bytes up to its limit and refuses the next at once`, () => {
    for (const byte of new TextEncoder().encode(fits)) decoder.push(Uint8Array.of(byte), () => {})
    expect(() => decoder.push(Uint8Array.of(0x78), () => {})).toThrow(FramingError)
  })

test("FrameDecoder refuses a frame over its default limit before it keeps any of it", () => {
  const header = Uint8Array.of(0, 0x40, 0, 1)
  expect(() => new FrameDecoder().push(header, () => {})).toThrow("4194305 bytes are more than")
})

const pieces: [string, IncrementalDecoder<unknown>, string, string][] = [
  ["NdjsonDecoder", new NdjsonDecoder(), '{"a":1}\n', ""],
  ["LineDecoder", new LineDecoder(), "line\n", ""],
  ["SseDecoder", new SseDecoder(), "data: event\n\n", ""],
  ["JsonSequenceDecoder", new JsonSequenceDecoder(), "\x1e[1]\n", ""],
  ["JsonElementDecoder", new JsonElementDecoder(), ",1", "[0"],
]

for (const [name, decoder, value, head] of pieces)
  test(`${name} decodes a chunk that is longer than any string, in pieces`, () => {
    const chunk = new TextEncoder().encode(head + value.repeat(100_000))
    expect(chunk.length).toBeGreaterThan(190_000)
    let values = 0
    refusing(
      ({ length }) => length > 70_000,
      () => decoder.push(chunk, () => values++),
    )
    expect(values).toBe(100_000)
  })

test("decoders and encoders refuse bytes that were transferred, which look empty", () => {
  const bytes = (): Uint8Array => {
    const sent = Uint8Array.of(0x31, 0x0a)
    structuredClone(sent, { transfer: [sent.buffer] })
    return sent
  }
  for (const [, decoder] of endless.toSpliced(0, 0, ["frames", new FrameDecoder(), "", 0]))
    expect(() => decoder.push(bytes(), () => {})).toThrow(TypeError)
  expect(() => encodeFrames([bytes()])).toThrow(TypeError)
  expect(() => encodeLines([bytes()])).toThrow(TypeError)
})

test("a decoder refuses a limit that is not a positive integer or Infinity", () => {
  for (const bad of [0, -1, 1.5, Number.NaN, "5" as unknown as number]) {
    expect(() => new NdjsonDecoder({ maxLineBytes: bad })).toThrow(RangeError)
    expect(() => new NdjsonDecoder({ maxDepth: bad })).toThrow(RangeError)
    expect(() => new SseDecoder({ maxEventBytes: bad })).toThrow(RangeError)
    expect(() => new JsonDecoder({ maxBytes: bad })).toThrow(RangeError)
    expect(() => new JsonElementDecoder({ maxElementBytes: bad })).toThrow(RangeError)
    expect(() => new JsonSequenceDecoder({ maxElementBytes: bad })).toThrow(RangeError)
    expect(() => new LineDecoder({ maxLineBytes: bad })).toThrow(RangeError)
    expect(() => new ByteLineDecoder({ maxLineBytes: bad })).toThrow(RangeError)
    expect(() => new FrameDecoder({ maxFrameBytes: bad })).toThrow(RangeError)
  }
})

test("NdjsonDecoder and FrameDecoder refuse options they do not know", () => {
  const onError = "ignore" as "skip"
  expect(() => new NdjsonDecoder({ onError })).toThrow(TypeError)
  expect(() => new FrameDecoder({ prefix: "u16" as "u32" })).toThrow(TypeError)
})

test("deep nesting of a million brackets is a clean error", () => {
  const decoder = new NdjsonDecoder({ maxLineBytes: 4e6 })
  const deep = new TextEncoder().encode(`${"[".repeat(1e6)}${"]".repeat(1e6)}\n`)
  expect(() => decoder.push(deep, () => {})).toThrow("deeper than maxDepth")
})

test("Object.prototype is what it was after hostile keys", () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const line = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n'
  const seen: unknown[] = []
  new NdjsonDecoder().push(new TextEncoder().encode(line.repeat(1000)), (v) => seen.push(v))
  expect(seen).toHaveLength(1000)
  expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype)
  expect(Object.getOwnPropertyNames(Object.prototype)).toStrictEqual(before)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
