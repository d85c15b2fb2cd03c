import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { byteChunkings, checkLaws } from "../testing/index.ts"
import { rechunk } from "./rechunk.ts"

const bytes = Uint8Array.from({ length: 23 }, (_, index) => index)

test("rechunk keeps the laws", async () => {
  const report = await checkLaws({
    create: () => rechunk(5),
    inputs: [0, 4, 10, 15, 20, 21].map((start, i) => bytes.subarray(start, [4, 10, 15, 20, 21][i])),
    outputs: [0, 5, 10, 15, 20].map((start) => bytes.subarray(start, start + 5)),
    splits: "bytes",
  })
  expect(report.held).toBeGreaterThanOrEqual(12)
})

test("rechunk gives full chunks and one rest, for every size and every chunking", async () => {
  let seen = 0
  for (const size of [1, 2, 22, 23, 24]) {
    for (const { chunks, name } of byteChunkings(bytes)) {
      const blocks = await toArray(from(chunks).pipeThrough(rechunk(size)))
      expect(
        blocks.flatMap((block) => [...block]),
        name,
      ).toEqual([...bytes])
      expect(
        blocks.slice(0, -1).every((block) => block.length === size),
        name,
      ).toBe(true)
      expect(blocks.length, name).toBe(Math.ceil(bytes.length / size))
      seen++
    }
  }
  expect(seen).toBeGreaterThan(100)
})

test("no two chunks of rechunk share a buffer", async () => {
  const blocks = await toArray(from([new Uint8Array(10)]).pipeThrough(rechunk(3)))
  expect(new Set(blocks.map((block) => block.buffer)).size).toBe(4)
})

test("rechunk of nothing is nothing; sizes below one are refused", async () => {
  expect(await toArray(from([new Uint8Array(0)]).pipeThrough(rechunk(3)))).toEqual([])
  for (const size of [0, -1, 1.5, Number.NaN]) expect(() => rechunk(size)).toThrow(RangeError)
})

test("rechunk refuses what is no bytes in place of dropping it", async () => {
  const text = from(["abc"]) as ReadableStream<unknown> as ReadableStream<Uint8Array>
  await expect(toArray(text.pipeThrough(rechunk(2)))).rejects.toThrow(TypeError)
})
