import fc from "fast-check"
import { expect, test } from "vitest"
import { Turns } from "../testing/turns.ts"
import type { BatchedSink, BatchedWritableOptions } from "./batched-sink.ts"
import { batchedWritable } from "./batched-writable.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const boom = new Error("boom")

/** A sink whose writes end when the test says so. */
function open(
  options: BatchedWritableOptions<number> = {},
  more: Partial<BatchedSink<number>> = {},
) {
  const batches: number[][] = []
  const calls: string[] = []
  const flights: PromiseWithResolvers<void>[] = []
  const writable = batchedWritable<number>(
    {
      writev(chunks) {
        batches.push([...chunks])
        const flight = Promise.withResolvers<void>()
        flights.push(flight)
        return flight.promise
      },
      close: () => void calls.push("close"),
      abort: (reason) => void calls.push(`abort ${String(reason)}`),
      ...more,
    },
    options,
  )
  const land = async () => {
    flights.shift()?.resolve()
    await turns.quiet()
  }
  const fail = async () => {
    flights.shift()?.reject(boom)
    await turns.quiet()
  }
  return { writable, writer: writable.getWriter(), batches, calls, flights, land, fail }
}

test("what arrives while a write is in flight forms the next batch, with no delay", async () => {
  const { writer, batches, land } = open()
  const writes = [1, 2, 3, 4].map((n) => writer.write(n))
  await Promise.all(writes)
  expect(batches).toEqual([[1]])
  await land()
  expect(batches).toEqual([[1], [2, 3, 4]])
  await writer.write(5)
  const closing = writer.close()
  await land()
  await land()
  await closing
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
})

test("a batch of one goes to write when the sink has one", async () => {
  const single: number[] = []
  const { writer, batches } = open({}, { write: (n) => void single.push(n) })
  await writer.write(1)
  expect([single, batches]).toEqual([[1], []])
})

test("chunks and bytes bound a batch; one chunk more waits, and backpressure shows", async () => {
  for (const options of [{ maxBatchChunks: 2 }, { maxBatchBytes: 20, size: () => 10 }]) {
    const { writer, batches, land } = open(options)
    const settled = [1, 2, 3, 4].map((n) => turns.settle(writer.write(n)))
    const states = (await Promise.all(settled)).map(({ state }) => state)
    expect(states).toEqual(["fulfilled", "fulfilled", "fulfilled", "pending"])
    expect(writer.desiredSize).toBe(0)
    await land()
    expect(batches).toEqual([[1], [2, 3]])
    expect(writer.desiredSize).toBe(1)
    await land()
    expect(batches).toEqual([[1], [2, 3], [4]])
  }
})

test("a chunk over maxBatchBytes goes alone, in its turn", async () => {
  const { writer, batches, land } = open({ maxBatchBytes: 10, size: (n) => n })
  for (const n of [1, 2, 99, 3]) void writer.write(n)
  for (let flight = 0; flight < 5; flight++) {
    await turns.quiet()
    await land()
  }
  expect(batches).toEqual([[1], [2], [99], [3]])
})

test("cork holds back until as many uncorks; a full batch and close go all the same", async () => {
  const { writable, writer, batches, land } = open({ maxBatchChunks: 3 })
  writable.cork()
  writable.cork()
  await Promise.all([1, 2].map((n) => writer.write(n)))
  writable.uncork()
  expect(batches).toEqual([])
  writable.uncork()
  expect(batches).toEqual([[1, 2]])
  await land()
  writable.cork()
  await Promise.all([3, 4, 5, 6].map((n) => writer.write(n)))
  expect(batches).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
  await land()
  expect(batches.length).toBe(2)
  const closing = writer.close()
  await turns.quiet()
  expect(batches).toEqual([[1, 2], [3, 4, 5], [6]])
  await land()
  await closing
})

test("close waits for all that was taken, then closes the sink; its error is close's", async () => {
  const { writer, calls, land } = open()
  for (const n of [1, 2]) await writer.write(n)
  const closing = writer.close()
  await land()
  expect(calls).toEqual([])
  await land()
  await closing
  expect(calls).toEqual(["close"])
  const failing = open({}, { close: () => Promise.reject(boom) })
  await expect(failing.writer.close()).rejects.toBe(boom)
})

test("a write that fails shows, as itself, at the chunk that waits, at later writes, close and closed", async () => {
  const { writer, fail, batches, calls } = open({ maxBatchChunks: 1 })
  await Promise.all([writer.write(1), writer.write(2)])
  const waiting = writer.write(3)
  const closing = writer.close()
  for (const promise of [waiting, closing, writer.closed]) promise.catch(() => {})
  await fail()
  await expect(waiting).rejects.toBe(boom)
  await expect(closing).rejects.toBe(boom)
  await expect(writer.closed).rejects.toBe(boom)
  await expect(writer.write(4)).rejects.toBe(boom)
  expect(batches).toEqual([[1]])
  expect(calls).toEqual([])
})

test("a failure while close waits for the last batch rejects close and leaves the sink unclosed", async () => {
  const { writer, fail, calls } = open()
  await writer.write(1)
  const closing = writer.close()
  closing.catch(() => {})
  await turns.quiet()
  await fail()
  await expect(closing).rejects.toBe(boom)
  expect(calls).toEqual([])
})

test("a sink that throws at once, or a size that is none, rejects the write itself", async () => {
  const throwing = open(
    {},
    {
      writev() {
        throw boom
      },
    },
  )
  await expect(throwing.writer.write(1)).rejects.toBe(boom)
  const { writer } = open({ size: () => Number.NaN })
  await expect(writer.write(1)).rejects.toBeInstanceOf(RangeError)
})

test("abort drops what was not handed over, waits for the write in flight, then tells the sink once", async () => {
  const { writer, land, batches, calls } = open({ maxBatchChunks: 1 })
  await Promise.all([writer.write(1), writer.write(2)])
  const waiting = writer.write(3)
  waiting.catch(() => {})
  const aborting = turns.settle(writer.abort("gone"))
  expect((await aborting).state).toBe("pending")
  await expect(waiting).rejects.toBe("gone")
  expect(calls).toEqual([])
  await land()
  expect(calls).toEqual(["abort gone"])
  expect(batches).toEqual([[1]])
})

test("start may wait, and may fail", async () => {
  const start = Promise.withResolvers<void>()
  const { writer, batches } = open({}, { start: () => start.promise })
  void writer.write(1)
  await turns.quiet()
  expect(batches).toEqual([])
  start.resolve()
  await turns.quiet()
  expect(batches).toEqual([[1]])
  const failing = open({}, { start: () => Promise.reject(boom) })
  await expect(failing.writer.closed).rejects.toBe(boom)
})

test("any timing writes every chunk once, in order, in batches within the limits", async () => {
  let batched = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 5, maxLength: 80, size: "max" }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 30 }),
      async (steps, maxBatchChunks, maxBatchBytes) => {
        const size = (n: number) => n % 7
        const { writer, batches, land, flights } = open({ maxBatchChunks, maxBatchBytes, size })
        let next = 0
        for (const isWrite of steps) {
          if (isWrite) void writer.write(next++)
          else await land()
        }
        const closing = writer.close()
        do await land()
        while (flights.length > 0)
        await closing
        expect(batches.flat()).toEqual(Array.from({ length: next }, (_, n) => n))
        for (const batch of batches) {
          const bytes = batch.reduce((sum, n) => sum + size(n), 0)
          expect(batch.length).toBeLessThanOrEqual(maxBatchChunks)
          expect(batch.length === 1 || bytes <= maxBatchBytes).toBe(true)
        }
        batched += batches.filter((batch) => batch.length > 1).length
      },
    ),
    { numRuns: 60 },
  )
  expect(batched).toBeGreaterThan(50)
})

test("abort while close waits commits nothing: what was gathered is dropped, the sink is told", async () => {
  const { writer, batches, calls, land } = open()
  writer.closed.catch(() => {})
  await writer.write(1)
  await writer.write(2)
  const closing = writer.close()
  const aborting = writer.abort(boom)
  const outcomes = Promise.allSettled([closing, aborting])
  await land()
  const [closed, aborted] = await outcomes
  expect(closed).toEqual({ status: "rejected", reason: boom })
  expect(aborted).toEqual({ status: "rejected", reason: boom })
  expect(batches).toEqual([[1]])
  expect(calls).toEqual([`abort ${boom}`])
})

test("batchedWritable refuses limits below one", () => {
  expect(() => open({ maxBatchChunks: 0 })).toThrow(RangeError)
  expect(() => open({ maxBatchBytes: 0 })).toThrow(RangeError)
})
