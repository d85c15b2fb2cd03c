import { readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeFrame } from "./encode-frame.ts"
import { type Frame, PING } from "./frame.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import { FrameWriter } from "./frame-writer.ts"
import { MuxError } from "./mux-error.ts"
import { takeAll } from "./take-all.ts"

interface Vector {
  readonly name: string
  readonly hex: string
  readonly then?: unknown
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../../../test/vectors/mux/splits.json", import.meta.url), "utf8"),
)

const id = fc.oneof(fc.constantFrom(1, -1, 2 ** 31 - 1, -(2 ** 31) + 1), fc.integer({ min: 1 }))
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const bytes = fc.uint8Array({ maxLength: 300 })
const text = fc.string({ maxLength: 100, unit: "grapheme" })
const ends = fc.constantFrom(
  { fin: false, more: false },
  { fin: true, more: false },
  { fin: false, more: true },
)
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ payload: bytes }).map((f) => ({ type: "hello" as const, ...f })),
  fc
    .tuple(fc.record({ id: fc.integer({ min: 1 }), credit: u32, head: bytes }), ends)
    .map(([f, e]) => ({ type: "open" as const, ...f, ...e })),
  fc
    .tuple(fc.record({ id, payload: bytes }), ends)
    .map(([f, e]) => ({ type: "data" as const, ...f, ...e })),
  fc.record({ id, credit: fc.integer({ min: 1 }) }).map((f) => ({ type: "credit" as const, ...f })),
  fc
    .record({ id, code: u32, text, fin: fc.boolean() })
    .map((f) => ({ type: "abort" as const, ...f })),
  fc.record({ id, code: u32, text }).map((f) => ({ type: "cancel" as const, ...f })),
  fc
    .record({ ack: fc.boolean(), payload: fc.uint8Array({ maxLength: 64 }) })
    .map((f) => ({ type: "ping" as const, ...f })),
  fc.record({ last: u32, code: u32, text }).map((f) => ({ type: "goaway" as const, ...f })),
  fc.record({ count: u32 }).map((f) => ({ type: "ack" as const, ...f })),
  fc
    .record({ number: fc.integer({ min: 9, max: 15 }), id, payload: bytes })
    .map((f) => ({ type: "unknown" as const, ...f })),
)

function decode(chunks: readonly Uint8Array[]): Frame[] {
  const decoder = new FrameDecoder()
  const seen: Frame[] = []
  for (const chunk of chunks) decoder.push(chunk, (frame) => seen.push(structuredClone(frame)))
  expect(decoder.isWithinFrame).toBe(false)
  return seen
}

function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((n) => n % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return places.slice(1).map((end, n) => whole.slice(places[n], end))
}

/** One byte array at a time, one number at a time: slow, and plain to see. */
function encodeSlowly(frame: Frame): number[] {
  const u = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
  const t = (s: string): number[] => [...new TextEncoder().encode(s)]
  const whole = (type: number, flags: number, of: number, payload: number[]): number[] => [
    ...u(payload.length).slice(1),
    type * 16 + flags,
    ...u(of),
    ...payload,
  ]
  const flags = (f: { fin: boolean; more: boolean }): number => (f.fin ? 1 : 0) + (f.more ? 2 : 0)
  switch (frame.type) {
    case "hello":
      return whole(0, 0, 0, [...frame.payload])
    case "open":
      return whole(1, flags(frame), frame.id, [...u(frame.credit), ...frame.head])
    case "data":
      return whole(2, flags(frame), frame.id, [...frame.payload])
    case "credit":
      return whole(3, 0, frame.id, u(frame.credit))
    case "abort":
      return whole(4, frame.fin ? 1 : 0, frame.id, [...u(frame.code), ...t(frame.text)])
    case "cancel":
      return whole(5, 0, frame.id, [...u(frame.code), ...t(frame.text)])
    case "ping":
      return whole(6, frame.ack ? 4 : 0, 0, [...frame.payload])
    case "goaway":
      return whole(7, 0, 0, [...u(frame.last), ...u(frame.code), ...t(frame.text)])
    case "ack":
      return whole(8, 0, 0, u(frame.count))
    case "unknown":
      return whole(frame.number, 0, frame.id, [...frame.payload])
  }
}

test("encodeFrame writes what its slow twin writes, and FrameDecoder reads it under any cut", () => {
  fc.assert(
    fc.property(
      fc.array(frames, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (all, at) => {
        // What any frame may be after HELLO's place: the first one has a limit of its own only.
        const whole = Uint8Array.from(all.flatMap(encodeSlowly))
        const fast = all.flatMap((frame) => [...encodeFrame(frame)])
        expect(fast).toEqual([...whole])
        expect(decode(cut(whole, at))).toEqual(all)
      },
    ),
    { numRuns: 300 },
  )
})

test("FrameDecoder gives the same frames for every single cut, and for single bytes", () => {
  let cuts = 0
  for (const { hex } of vectors) {
    const whole = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
    const expected = decode([whole])
    expect(expected.length).toBeGreaterThan(5)
    for (let at = 0; at <= whole.length; at++, cuts++) {
      expect(decode([whole.slice(0, at), whole.slice(at)])).toEqual(expected)
    }
    expect(decode(Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  }
  expect(cuts).toBeGreaterThan(100)
})

test("FrameDecoder refuses a frame over the limit by its header alone, and takes one at the limit", () => {
  const header = (length: number): Uint8Array =>
    Uint8Array.of(length >>> 16, length >>> 8, length, 0x20, 0, 0, 0, 1)
  const hello = encodeFrame({ type: "hello", payload: Uint8Array.of(123, 125) })
  const decoder = new FrameDecoder({ maxFrameBytes: 100 })
  decoder.push(hello, () => {})
  let taken = 0
  decoder.push(header(100), () => taken++)
  decoder.push(new Uint8Array(100), () => taken++)
  expect(taken).toBe(1)
  expect(() => decoder.push(header(101), () => taken++)).toThrow(
    expect.objectContaining({ code: "TOO_LARGE" }),
  )
  const first = new FrameDecoder({ maxFrameBytes: 100 })
  expect(() => first.push(header(65_536), () => {})).not.toThrow()
  expect(() => new FrameDecoder().push(header(65_537), () => {})).toThrow(MuxError)
})

test("A text is cut to 1,024 bytes between characters", () => {
  const bytes = encodeFrame({ type: "cancel", id: 1, code: 3, text: "é".repeat(2000) })
  expect(bytes.length).toBe(8 + 4 + 1024)
  expect(decode([bytes])).toEqual([{ type: "cancel", id: 1, code: 3, text: "é".repeat(512) }])
  const odd = encodeFrame({ type: "cancel", id: 1, code: 3, text: `x${"é".repeat(2000)}` })
  expect(odd.length).toBe(8 + 4 + 1023)
})

test("FrameWriter gathers small frames in one chunk and copies no large payload of a byte stream", () => {
  const small = new Uint8Array(100)
  const large = new Uint8Array(65_536)
  const messages = new FrameWriter()
  const stream = new FrameWriter(true)
  for (const writer of [messages, stream]) {
    // Where much is said, there is room for much.
    for (let n = 0; n < 400; n++) writer.data(1, 0, small, 0, 100)
    takeAll(writer)
    for (let n = 0; n < 10; n++) writer.data(1, 0, small, 0, 100)
    writer.data(1, 0, large, 0, large.length)
    writer.data(1, 0, small, 0, 100)
    expect(writer.byteLength).toBe(10 * 108 + 8 + 65_536 + 108)
  }
  expect(takeAll(messages).map((chunk) => chunk.length)).toEqual([1080, 8 + 65_536, 108])
  const chunks = takeAll(stream)
  expect(chunks.map((chunk) => chunk.length)).toEqual([1088, 65_536, 108])
  expect(chunks[1]).toBe(large)
  expect(takeAll(stream)).toEqual([])
})

test("A FrameWriter goes on when a chunk that filled its buffer was transferred", () => {
  let transferred = 0
  for (let length = 1; length < 70_000; length = Math.ceil(length * 1.01)) {
    const writer = new FrameWriter()
    for (let round = 0; round < 3; round++) {
      // What is left of the buffer is filled to its last byte, at some length.
      writer.data(1, 0, new Uint8Array(length), 0, length)
      for (const chunk of takeAll(writer)) {
        if (chunk.byteLength < chunk.buffer.byteLength) continue
        structuredClone(chunk, { transfer: [chunk.buffer] })
        transferred++
      }
    }
    writer.put(PING, 0, 0, Uint8Array.of(length))
    expect(takeAll(writer).at(-1)?.at(-1)).toBe(length & 255)
  }
  expect(transferred).toBeGreaterThan(10)
})
