import { expect, test } from "vitest"
import { collectBytes } from "../sinks/collect.ts"
import { toArray } from "../sinks/to-array.ts"
import { Turns } from "../testing/turns.ts"
import { fromBytes } from "./from-bytes.ts"
import { fromPullInto } from "./from-pull-into.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const boom = new Error("boom")
const counting = Uint8Array.from({ length: 100 }, (_, index) => index)

test("fromBytes fills a caller's buffer of any size, with no more than was asked for", async () => {
  for (const size of [1, 7, 100, 1000]) {
    const reader = fromBytes(counting).getReader({ mode: "byob" })
    const got: number[] = []
    for (;;) {
      const result = await reader.read(new Uint8Array(size))
      if (result.done) break
      expect(result.value.byteLength).toBe(Math.min(size, 100 - got.length))
      got.push(...result.value)
    }
    expect(got).toEqual([...counting])
  }
})

test("fromBytes gives a default reader chunks of its own, of at most autoAllocateChunkSize bytes", async () => {
  const chunks = await toArray(fromBytes(counting, { autoAllocateChunkSize: 33 }))
  expect(chunks.map((chunk) => chunk.byteLength)).toEqual([33, 33, 33, 1])
  expect(chunks.some((chunk) => chunk.buffer === counting.buffer)).toBe(false)
  expect(await collectBytes(fromBytes(counting))).toEqual(counting)
  expect(await toArray(fromBytes(new Uint8Array(0)))).toEqual([])
})

test("the source writes straight into the caller's memory", async () => {
  const buffer = new ArrayBuffer(16)
  const views: number[][] = []
  const readable = fromPullInto({
    pullInto(view) {
      views.push([view.byteOffset, view.byteLength])
      view[0] = 42
      return 1
    },
  })
  const reader = readable.getReader({ mode: "byob" })
  const { value } = await reader.read(new Uint8Array(buffer, 4, 8))
  expect(views).toEqual([[4, 8]])
  expect(value).toEqual(new Uint8Array([42]))
  expect(value?.buffer.byteLength).toBe(16)
})

test("nothing is pulled before a consumer waits, and no two pulls at a time", async () => {
  let running = 0
  let most = 0
  let pulls = 0
  const readable = fromPullInto({
    async pullInto(view) {
      pulls++
      most = Math.max(most, ++running)
      await Promise.resolve()
      running--
      view[0] = pulls
      return 1
    },
  })
  await turns.quiet()
  expect(pulls).toBe(0)
  const reader = readable.getReader()
  const reads = await Promise.all([reader.read(), reader.read(), reader.read()])
  expect(reads.map(({ value }) => value?.[0])).toEqual([1, 2, 3])
  expect([most, pulls]).toEqual([1, 3])
})

test("cancel reaches the source with its reason while it is filling; the late answer, however wrong, is dropped", async () => {
  const reasons: unknown[] = []
  const filling = Promise.withResolvers<number>()
  const readable = fromPullInto({
    pullInto: () => filling.promise,
    cancel: (reason) => void reasons.push(reason),
  })
  const reader = readable.getReader()
  const read = reader.read()
  await turns.quiet()
  await reader.cancel("enough")
  expect((await read).done).toBe(true)
  expect(reasons).toEqual(["enough"])
  filling.resolve(-1)
  await turns.quiet()
  await reader.closed
  expect(reasons).toEqual(["enough"])
})

test("what start, pullInto and cancel throw is passed on as it is", async () => {
  const throwing = fromPullInto({
    pullInto() {
      throw boom
    },
  })
  await expect(throwing.getReader().read()).rejects.toBe(boom)
  const rejecting = fromPullInto({ pullInto: () => Promise.reject(boom) })
  await expect(rejecting.getReader({ mode: "byob" }).read(new Uint8Array(1))).rejects.toBe(boom)
  const starting = fromPullInto({ start: () => Promise.reject(boom), pullInto: () => 0 })
  await expect(starting.getReader().read()).rejects.toBe(boom)
  const staying = fromPullInto({ pullInto: () => 0, cancel: () => Promise.reject(boom) })
  await expect(staying.cancel()).rejects.toBe(boom)
})

test("a count that can not be is a RangeError, at the reader and at the source", async () => {
  for (const count of [-1, 5, 0.5, Number.NaN]) {
    const reasons: unknown[] = []
    const cancel = (reason: unknown) => void reasons.push(reason)
    const readable = fromPullInto({ pullInto: () => count, cancel }, { autoAllocateChunkSize: 4 })
    const error: unknown = await readable
      .getReader()
      .read()
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RangeError)
    expect(reasons).toEqual([error])
  }
  expect(() => fromBytes(counting, { autoAllocateChunkSize: 0 })).toThrow(RangeError)
})
