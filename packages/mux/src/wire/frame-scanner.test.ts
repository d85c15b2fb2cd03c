import { concatBytes } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeFrame } from "./encode-frame.ts"
import { HEADER_BYTES } from "./frame.ts"
import { FrameScanner, type LargePayloads } from "./frame-scanner.ts"

/** Frames of DATA with so many bytes each; frame and byte tell each other apart. */
function dataOf(sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size, n) => {
    const payload = new Uint8Array(size).map((_, at) => n + at)
    return encodeFrame({ type: "data", id: 1, fin: false, more: false, payload })
  })
}

/** Cuts `bytes`, each piece a buffer of its own, and gives the frames that are found in the pieces. */
function scan(bytes: Uint8Array, cuts: readonly number[], payloads: LargePayloads): Uint8Array[] {
  const scanner = new FrameScanner(65_536, payloads)
  const frames: Uint8Array[][] = []
  const ends = [...cuts, bytes.length].toSorted((a, b) => a - b)
  ends.forEach((end, n) => {
    scanner.push(bytes.slice(ends[n - 1] ?? 0, end), (chunk, from, to, apart) => {
      // A header apart is the scanner's own, a payload is not.
      const frame = chunk.subarray(from, to)
      frames.push(apart === undefined ? [frame] : [frame.slice(), apart])
    })
  })
  expect(scanner.isWithinFrame).toBe(false)
  return frames.map((parts) => concatBytes(parts))
}

test("Wherever frames are cut they come whole, apart from their headers or not", () => {
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 4000, max: 9000 })), {
    minLength: 1,
  })
  fc.assert(
    fc.property(sizes, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (lengths, places) => {
      const frames = dataOf(lengths)
      const bytes = concatBytes(frames)
      const heads = frames.map((_, n) => concatBytes(frames.slice(0, n)).length + HEADER_BYTES)
      const cuts = places.map((place) => Math.floor(place * bytes.length))
      const evens = heads.filter((_, n) => n % 2 === 0)
      for (const each of [cuts, [...cuts, ...heads], [...cuts, ...evens]]) {
        for (const payloads of ["joined", "apart", "in place"] as const) {
          expect(scan(bytes, each, payloads)).toEqual(frames)
        }
      }
    }),
    // A payload that is a view, and behind it one that might be put together in the same chunk.
    { numRuns: 100, examples: [[[4096, 4096, 0], [0.5006]]] },
  )
})

test("A large payload in a chunk of its own is not copied, one in a far larger buffer is", () => {
  const [frame = new Uint8Array(0)] = dataOf([20_000])
  const views: (Uint8Array | undefined)[] = []
  const scanner = new FrameScanner(65_536, "apart")
  for (const room of [frame.length, 60_000]) {
    const buffer = new Uint8Array(room)
    buffer.set(frame)
    scanner.push(buffer.subarray(0, HEADER_BYTES), () => expect.fail("nothing is whole"))
    const payload = buffer.subarray(HEADER_BYTES, frame.length)
    scanner.push(payload, (chunk, _from, to, apart) => {
      views.push((apart ?? chunk.subarray(0, to)).buffer === buffer.buffer ? apart : undefined)
    })
  }
  expect(views.map((view) => view?.length)).toEqual([20_000, undefined])
})

test("A payload in two chunks is put together in the first, if nobody has a view of that", () => {
  const frames = dataOf([10_000, 10_000, 20])
  const [first = new Uint8Array(0), second = first, small = first] = frames
  const bytes = concatBytes([first, second, small, second])
  const scanner = new FrameScanner(65_536, "in place")
  const buffers: unknown[] = []
  const found: Uint8Array[] = []
  const chunks = [bytes.slice(0, 10_000), bytes.slice(10_000, 20_000), bytes.slice(20_000, 30_044)]
  for (const chunk of [...chunks, bytes.slice(30_044)]) {
    scanner.push(chunk, (each, from, to, apart) => {
      const frame = each.subarray(from, to)
      buffers.push((apart ?? frame).buffer)
      found.push(apart === undefined ? frame : concatBytes([frame, apart]))
    })
  }
  expect(found).toEqual([first, second, small, second])
  expect(buffers.map((buffer) => chunks.findIndex((chunk) => chunk.buffer === buffer))).toEqual([
    0, 1, 2, -1,
  ])
})
