import fc from "fast-check"
import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { fromPull } from "../sources/from-pull.ts"
import { checkLaws, type Subject } from "../testing/index.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { map } from "./map.ts"
import { mapAsync } from "./map-async.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 64 })
const boom = new Error("boom")

/** Work that ends when the test says so. */
function open(concurrency: number, inputs: number[], ending: "close" | "idle" = "idle") {
  const source = new ScriptedSource<number>(inputs, ending, () => {})
  const jobs = new Map<number, PromiseWithResolvers<number>>()
  const signals: AbortSignal[] = []
  const started: number[] = []
  const work = (
    chunk: number,
    context: { readonly index: number; readonly signal: AbortSignal },
  ) => {
    started.push(context.index)
    signals.push(context.signal)
    const job = Promise.withResolvers<number>()
    jobs.set(chunk, job)
    return job.promise
  }
  const reader = source.readable.pipeThrough(mapAsync(work, { concurrency })).getReader()
  const finish = async (chunk: number) => {
    jobs.get(chunk)?.resolve(chunk * 10)
    await turns.quiet()
  }
  const fail = async (chunk: number, reason: unknown = boom) => {
    jobs.get(chunk)?.reject(reason)
    await turns.quiet()
  }
  return { source, reader, first: reader.read(), started, signals, finish, fail }
}

const taken = "with several at work a write resolves when its chunk is taken; tested below"
for (const [concurrency, except] of [
  [1, {}],
  [3, { "deliver-then-fail": taken }],
] as const) {
  test(`mapAsync with concurrency ${concurrency} keeps the laws`, async () => {
    const subject: Subject<number, number> = {
      create: (probe) =>
        mapAsync(
          async (chunk: number, { signal }) => {
            probe.transformed()
            if (chunk === 99) throw new Error("bad chunk")
            signal.throwIfAborted()
            return chunk * 2
          },
          { concurrency },
        ),
      inputs: [1, 2, 3, 4, 5, 6, 7],
      outputs: [2, 4, 6, 8, 10, 12, 14],
      failing: { input: 99, outputs: [] },
      limits: { readAhead: concurrency },
    }
    const report = await checkLaws(subject, { except })
    expect(report.held).toBeGreaterThanOrEqual(12)
  })
}

test("any order of finishing gives the results in the order of the chunks", async () => {
  let overtakings = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 6 }),
      async (delays, concurrency) => {
        let running = 0
        let last = -1
        const work = async (delay: number, { index }: { readonly index: number }) => {
          expect(++running).toBeLessThanOrEqual(concurrency)
          for (let turn = 0; turn < delay; turn++) await Promise.resolve()
          running--
          if (index < last) overtakings++
          last = index
          return index
        }
        const got = await toArray(from(delays).pipeThrough(mapAsync(work, { concurrency })))
        expect(got).toEqual(delays.map((_, index) => index))
      },
    ),
    { numRuns: 80 },
  )
  expect(overtakings).toBeGreaterThan(50)
})

test("nothing is started before a read; then no more than concurrency ahead of the reader", async () => {
  const early = new ScriptedSource([1, 2, 3], "close", () => {})
  const unread = early.readable.pipeThrough(mapAsync((n: number) => expect(n).toBe("never")))
  await turns.quiet()
  expect(early.given).toBeLessThanOrEqual(1)
  await unread.cancel()
  const { reader, first, started, finish, source } = open(3, [1, 2, 3, 4, 5, 6])
  await turns.quiet()
  expect(started).toEqual([0, 1, 2])
  for (const chunk of [1, 2, 3]) await finish(chunk)
  expect((await first).value).toBe(10)
  expect(started).toEqual([0, 1, 2, 3])
  await finish(4)
  expect(source.given).toBeLessThanOrEqual(5)
  expect(started.length).toBe(4)
  expect((await reader.read()).value).toBe(20)
  await turns.quiet()
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test("a failure stops the source at once and comes after the results of the chunks before it", async () => {
  const { reader, first, finish, fail, source, signals, started } = open(3, [1, 2, 3, 4, 5])
  await turns.quiet()
  await fail(2)
  expect(source.cancels).toEqual([boom])
  expect(signals[0]?.aborted).toBe(false)
  await finish(1)
  expect((await first).value).toBe(10)
  expect(signals[2]?.reason).toBe(boom)
  await expect(reader.read()).rejects.toBe(boom)
  expect(started.length).toBe(3)
})

test("of two failures the first in time is the stream's, and nothing after the earlier chunk comes", async () => {
  const { reader, first, finish, fail, source } = open(4, [1, 2, 3, 4])
  await turns.quiet()
  await fail(4)
  await fail(2, new Error("second"))
  await finish(3)
  await finish(1)
  expect((await first).value).toBe(10)
  await expect(reader.read()).rejects.toBe(boom)
  expect(source.cancels).toEqual([boom])
})

test("cancel aborts the signal and reaches an idle source at once; late results are dropped", async () => {
  const { reader, first, finish, source, signals } = open(2, [1, 2, 3])
  await turns.quiet()
  await reader.cancel("enough")
  expect(signals.map(({ reason }) => reason)).toEqual(["enough", "enough"])
  expect(source.cancels).toEqual(["enough"])
  await finish(1)
  expect((await first).done).toBe(true)
})

test("abort drops what is done, shows at once and settles, though a write waits for room", async () => {
  const { readable, writable } = mapAsync((n: number) => n, { concurrency: 2 })
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  const writes = [1, 2, 3].map((n) => writer.write(n))
  for (const write of writes) write.catch(() => {})
  await turns.quiet()
  const aborting = writer.abort(boom)
  await expect(reader.read()).rejects.toBe(boom)
  await aborting
  await expect(writes[2]).rejects.toBe(boom)
})

test("close waits for the work, not for its results to be read", async () => {
  const jobs = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  const { readable, writable } = mapAsync((n: number) => jobs[n]?.promise ?? 0)
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  const first = reader.read()
  for (const n of [0, 1]) await writer.write(n)
  let isClosed = false
  const closing = writer.close().then(() => {
    isClosed = true
  })
  jobs[0]?.resolve(7)
  expect((await first).value).toBe(7)
  await turns.quiet()
  expect(isClosed).toBe(false)
  jobs[1]?.resolve(8)
  await closing
  reader.releaseLock()
  expect(await toArray(readable.pipeThrough(map((n) => n + 1)))).toEqual([9])
})

test("stages of ours feed mapAsync without a pipe; a source that fails does so after the results", async () => {
  let pulls = 0
  const source = fromPull<number>({
    pull(controller) {
      controller.enqueue(++pulls)
      if (pulls === 3) controller.error(boom)
    },
  })
  await turns.quiet()
  expect(pulls).toBe(0)
  const reader = source.pipeThrough(mapAsync(async (n: number) => n * 2)).getReader()
  await turns.quiet()
  expect(pulls).toBe(0)
  for (const n of [2, 4, 6]) expect((await reader.read()).value).toBe(n)
  await expect(reader.read()).rejects.toBe(boom)
  const chain = from([1, 2, 3])
    .pipeThrough(mapAsync(async (n: number) => n + 1))
    .pipeThrough(mapAsync(async (n: number) => n * 2, { concurrency: 2 }))
  expect(await toArray(chain)).toEqual([4, 6, 8])
  const stubborn = fromPull<number>({ cancel: () => Promise.reject(boom) })
  await expect(stubborn.pipeThrough(mapAsync((n: number) => n)).cancel()).rejects.toBe(boom)
})

test("mapAsync refuses a concurrency below one", () => {
  expect(() => mapAsync(() => 1, { concurrency: 0 })).toThrow(RangeError)
})
