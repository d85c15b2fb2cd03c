import fc from "fast-check"
import { expect, test } from "vitest"
import { FrameQueue } from "./frame-queue.ts"
import { FrameWriter } from "./frame-writer.ts"

/** A chunk of the transport that holds one DATA frame for each item; every frame of `queued` is kept. */
function chunkOf(items: readonly Uint8Array[]): { chunk: Uint8Array; ends: number[] } {
  const writer = new FrameWriter()
  const ends: number[] = []
  for (const item of items) {
    writer.data(1, 0, item, 0, item.length)
    ends.push(writer.byteLength)
  }
  const chunks = writer.take()
  const chunk = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of chunks) {
    chunk.set(part, at)
    at += part.length
  }
  return { chunk, ends }
}

test("FrameQueue gives what its slow twin gives, whatever is held of each chunk", () => {
  const items = fc.array(fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.boolean()), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(items, fc.nat(80)), { maxLength: 8 }), (chunks) => {
      const queue = new FrameQueue()
      const twin: Uint8Array[] = []
      const check = (): void => {
        expect(queue.held).toBe(twin.reduce((sum, item) => sum + 8 + item.length, 0))
        expect(queue.isEmpty).toBe(twin.length === 0)
      }
      for (const [all, taken] of chunks) {
        const { chunk, ends } = chunkOf(all.map(([item]) => item))
        const view = new DataView(chunk.buffer)
        all.forEach(([item, isKept], n) => {
          if (!isKept) return
          queue.push(chunk, view, ends[n - 1] ?? 0, ends[n] ?? 0)
          twin.push(item)
        })
        queue.settle()
        check()
        for (let n = 0; n < taken; n++) expect(queue.take()).toEqual(twin.shift())
        check()
      }
    }),
  )
})

test("FrameQueue keeps no large chunk for a small item, and no object for each item of a byte", () => {
  const queue = new FrameQueue()
  const buffers = new Set<ArrayBufferLike>()
  const items = Array.from({ length: 1000 }, (_, n) => new Uint8Array(n % 2).fill(n))
  for (let n = 0; n < items.length; n++) {
    // Each item comes in a chunk of its own, among 64 KiB that are for others.
    const { chunk, ends } = chunkOf([items[n] ?? new Uint8Array(0), new Uint8Array(65_536)])
    queue.push(chunk, new DataView(chunk.buffer), 0, ends[0] ?? 0)
    queue.settle()
  }
  expect(queue.held).toBe(1000 * 8 + 500)
  for (const item of items) {
    const taken = queue.take()
    expect(taken).toEqual(item)
    if (taken !== undefined) buffers.add(taken.buffer)
  }
  const kept = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(kept).toBeLessThan(3 * 8500)
  expect(buffers.size).toBeLessThan(20)
})
