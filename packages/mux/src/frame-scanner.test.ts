import { concatBytes } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import { encodeFrame } from "./encode-frame.ts"
import { HEADER_BYTES } from "./frame.ts"
import { FrameScanner } from "./frame-scanner.ts"

/** Frames of DATA with so many bytes each; frame and byte tell each other apart. */
function dataOf(sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size, n) => {
    const payload = new Uint8Array(size).map((_, at) => n + at)
    return encodeFrame({ type: "data", id: 1, fin: false, more: false, payload })
  })
}

/** Cuts `bytes`, each piece a buffer of its own, and gives the frames that are found in the pieces. */
function scan(bytes: Uint8Array, cuts: readonly number[], givesApart: boolean): Uint8Array[] {
  const scanner = new FrameScanner(65_536, givesApart)
  const frames: Uint8Array[] = []
  const ends = [...cuts, bytes.length].toSorted((a, b) => a - b)
  ends.forEach((end, n) => {
    scanner.push(bytes.slice(ends[n - 1] ?? 0, end), (chunk, view, from, to, apart) => {
      expect(new Uint8Array(view.buffer, view.byteOffset + from, HEADER_BYTES)).toEqual(
        chunk.subarray(from, from + HEADER_BYTES),
      )
      const frame = chunk.subarray(from, to)
      frames.push(apart === undefined ? frame : concatBytes([frame, apart]))
    })
  })
  expect(scanner.isWithinFrame).toBe(false)
  return frames
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
      for (const givesApart of [false, true]) {
        for (const each of [cuts, [...cuts, ...heads]]) {
          expect(scan(bytes, each, givesApart)).toEqual(frames)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test("A large payload in a chunk of its own is not copied, one in a far larger buffer is", () => {
  const [frame = new Uint8Array(0)] = dataOf([20_000])
  const views: (Uint8Array | undefined)[] = []
  const scanner = new FrameScanner(65_536, true)
  for (const room of [frame.length, 60_000]) {
    const buffer = new Uint8Array(room)
    buffer.set(frame)
    scanner.push(buffer.subarray(0, HEADER_BYTES), () => expect.fail("nothing is whole"))
    const payload = buffer.subarray(HEADER_BYTES, frame.length)
    scanner.push(payload, (chunk, _view, _from, to, apart) => {
      views.push((apart ?? chunk.subarray(0, to)).buffer === buffer.buffer ? apart : undefined)
    })
  }
  expect(views.map((view) => view?.length)).toEqual([20_000, undefined])
})
