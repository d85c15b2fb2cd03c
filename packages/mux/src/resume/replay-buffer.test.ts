import { concatBytes } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeFrame } from "../wire/encode-frame.ts"
import type { Frame } from "../wire/frame.ts"
import { FrameDecoder } from "../wire/frame-decoder.ts"
import { ReplayBuffer } from "./replay-buffer.ts"

const item = (n: number): Frame => ({
  type: "data",
  id: 1,
  fin: false,
  more: false,
  payload: Uint8Array.of(n >>> 8, n & 255),
})
const ping: Frame = { type: "ping", ack: false, payload: new Uint8Array(1) }

function numbersOf(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  new FrameDecoder().push(bytes, (frame) => {
    if (frame.type === "data")
      numbers.push(((frame.payload[0] ?? 0) << 8) | (frame.payload[1] ?? 0))
  })
  return numbers
}

test("Whatever was sent and acknowledged, what is sent again begins behind what the other side has", () => {
  let cutChunks = 0
  const chunks = fc.array(fc.array(fc.boolean(), { maxLength: 5 }), { maxLength: 12 })
  const property = fc.property(chunks, fc.nat(), fc.nat(), fc.nat(), (plan, given, acked, seen) => {
    const buffer = new ReplayBuffer()
    let total = 0
    for (const chunk of plan) {
      buffer.push(concatBytes(chunk.map((isItem) => encodeFrame(isItem ? item(total++) : ping))))
    }
    for (let at = 0; at < given % (plan.length + 1); at++) buffer.take()
    const low = acked % (total + 1)
    expect(buffer.acknowledge(low)).toBe(true)
    const high = low + (seen % (total - low + 1))
    expect(buffer.rewind(high)).toBe(true)
    const again: number[] = []
    for (let bytes = buffer.take(); bytes !== undefined; bytes = buffer.take()) {
      if (again.length === 0 && numbersOf(bytes)[0] !== undefined) cutChunks++
      again.push(...numbersOf(bytes))
    }
    expect(again).toEqual(Array.from({ length: total - high }, (_, at) => high + at))
    expect(buffer.isSent).toBe(true)
  })
  fc.assert(property, { numRuns: 2000 })
  expect(cutChunks).toBeGreaterThan(200)
})

test("A chunk that ends within a frame is refused", () => {
  const frame = encodeFrame(item(1))
  for (const cut of [1, 7, 8, frame.length - 1]) {
    expect(() => new ReplayBuffer().push(frame.subarray(0, cut))).toThrow(TypeError)
    const joined = concatBytes([frame, frame.subarray(0, cut)])
    expect(() => new ReplayBuffer().push(joined)).toThrow(TypeError)
  }
})

test("Counts that can not be are refused", () => {
  const buffer = new ReplayBuffer()
  buffer.push(encodeFrame(item(0)))
  expect(buffer.acknowledge(2)).toBe(false)
  expect(buffer.rewind(2)).toBe(false)
  expect(buffer.acknowledge(1)).toBe(true)
  expect(buffer.acknowledge(0)).toBe(false)
  expect(buffer.byteLength).toBe(0)
})

test("Counts go round at 2^32", () => {
  const buffer = new ReplayBuffer()
  buffer.pushed = 2 ** 32 - 1
  buffer.acknowledged = 2 ** 32 - 1
  buffer.push(encodeFrame(item(1)))
  buffer.push(encodeFrame(item(2)))
  expect(buffer.acknowledge(0)).toBe(true)
  expect(buffer.acknowledged).toBe(2 ** 32)
  expect(buffer.rewind(0)).toBe(true)
  expect(numbersOf(buffer.take() ?? new Uint8Array())).toEqual([2])
})

test("What is kept is exactly what the other side lacks, to the frame", () => {
  const buffer = new ReplayBuffer()
  const frame = encodeFrame(item(0))
  buffer.push(concatBytes([frame, frame, frame]))
  buffer.push(concatBytes([frame, frame]))
  buffer.take()
  buffer.take()
  for (const [count, frames] of [
    [1, 4],
    [3, 2],
    [4, 1],
    [5, 0],
  ] as const) {
    expect(buffer.acknowledge(count)).toBe(true)
    expect(buffer.byteLength).toBe(frames * frame.byteLength)
  }
  expect(buffer.isAcknowledged).toBe(true)
})

test("Acknowledging costs what is acknowledged, however much is kept", () => {
  const buffer = new ReplayBuffer()
  const frame = encodeFrame(item(0))
  const kept = 100_000
  for (let at = 0; at < kept; at++) {
    buffer.push(frame)
    buffer.take()
  }
  const start = performance.now()
  for (let at = 1; at <= kept; at++) buffer.acknowledge(at)
  expect(buffer.byteLength).toBe(0)
  // Some 20 ms; moving what is kept each time takes some 20 s.
  expect(performance.now() - start).toBeLessThan(2000)
})
