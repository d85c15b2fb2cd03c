import fc from "fast-check"
import { expect, test } from "vitest"
import { FrameWriter } from "../wire/frame-writer.ts"
import { takeAll } from "../wire/take-all.ts"
import { FrameQueue } from "./frame-queue.ts"

/** A chunk of the transport that holds one DATA frame for each item; every frame of `queued` is kept. */
function chunkOf(items: readonly Uint8Array[]): { chunk: Uint8Array; ends: number[] } {
  const writer = new FrameWriter()
  const ends: number[] = []
  for (const item of items) {
    writer.data(1, 0, item, 0, item.length)
    ends.push(writer.byteLength)
  }
  const chunks = takeAll(writer)
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
        all.forEach(([item, isKept], n) => {
          if (!isKept) return
          queue.push(chunk, ends[n - 1] ?? 0, ends[n] ?? 0)
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
    queue.push(chunk, 0, ends[0] ?? 0)
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

/** What came, and what became of it: an item of this channel, in one frame or joined, or of another. */
type Kind = "whole" | "joined" | "other"

/** Fills a queue, as `steps` of chunks say, and takes the first `taken` items; gives what then is held. */
function fill(steps: readonly (readonly (readonly [Kind, number])[])[], taken = 0) {
  const queue = new FrameQueue()
  for (const step of steps) {
    const { chunk, ends } = chunkOf(step.map(([, length]) => new Uint8Array(length)))
    step.forEach(([kind, length], n) => {
      if (kind === "whole") queue.push(chunk, ends[n - 1] ?? 0, ends[n] ?? 0)
      else if (kind === "joined") queue.pushWhole(new Uint8Array(length), 16 + length)
    })
    queue.settle()
  }
  for (let n = 0; n < taken; n++) queue.take()
  const { held } = queue
  const buffers = new Set<ArrayBufferLike>()
  for (let item = queue.take(); item !== undefined; item = queue.take()) buffers.add(item.buffer)
  return { held, kept: [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0) }
}

test("FrameQueue keeps alive a few times what it holds, with joined items among the frames", () => {
  const item = fc.tuple(
    fc.constantFrom<Kind>("whole", "joined", "other"),
    fc.oneof({ weight: 4, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  )
  const steps = fc.array(fc.array(item, { maxLength: 6 }), { maxLength: 12 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 }), fc.nat(200), (part, times, taken) => {
      const { held, kept } = fill(Array.from({ length: times }, () => part).flat(), taken)
      // The oldest that is held may have been one of many in its chunk of at most 6 items.
      expect(kept).toBeLessThanOrEqual(3 * held + (taken > 0 ? 6 * 20_008 : 0))
    }),
  )
})

test("FrameQueue gives no slab to each item that stands alone between joined ones", () => {
  const ones = Array.from({ length: 2000 }, () => [["whole", 1]] as const)
  const between = ones.flatMap((one) => [one, [["joined", 1]] as const])
  const { held, kept } = fill([...ones, ...between])
  expect(held).toBe(4000 * 9 + 2000 * 17)
  expect(kept).toBeLessThan(2 * held)
})

test("FrameQueue keeps no chunk for what came in it before a joined item", () => {
  const step = [
    ["whole", 1],
    ["joined", 1],
    ["other", 65_000],
  ] as const
  const { held, kept } = fill(Array.from({ length: 500 }, () => step))
  expect(held).toBe(500 * 26)
  expect(kept).toBeLessThan(2 * held)
})
