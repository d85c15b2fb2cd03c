import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { fromPull } from "../sources/from-pull.ts"
import { compose } from "../stage/compose.ts"
import { pipe } from "../stage/pipe.ts"
import { checkLaws, type Probe } from "../testing/index.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { map } from "../transforms/map.ts"
import { mapAsync } from "../transforms/map-async.ts"
import { asyncStage } from "./async-stage.ts"
import type { AsyncTransformer } from "./async-transformer.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 64 })
const boom = new Error("boom")

/** Passes chunks on, at once or a turn later; 99 is given twice, then fails. */
function passing(isAsync: boolean, probe: Probe): AsyncTransformer<number, number> {
  return {
    transform(chunk, controller) {
      probe.transformed()
      controller.enqueue(chunk)
      if (chunk === 99) controller.enqueue(100)
      if (chunk === 99) throw boom
      return isAsync ? Promise.resolve() : undefined
    },
    cancel: (reason) => probe.cancelled(reason),
  }
}

for (const isAsync of [false, true]) {
  for (const [shape, create] of Object.entries({
    "three in a row": (probe: Probe) =>
      compose(
        asyncStage(passing(isAsync, probe)),
        asyncStage(passing(isAsync, probe)),
        asyncStage(passing(isAsync, probe)),
      ),
    "one between synchronous ones": (probe: Probe) =>
      compose(
        map((n: number) => n),
        asyncStage(passing(isAsync, probe)),
        map((n: number) => n),
      ),
  })) {
    test(`${shape} keep the laws with ${isAsync ? "asynchronous" : "synchronous"} callbacks`, async () => {
      const inputs = Array.from({ length: 12 }, (_, index) => index)
      const report = await checkLaws<number, number>({
        create,
        inputs,
        outputs: inputs,
        // Behind a synchronous stage a write ends when that one has taken its chunk.
        ...(shape === "three in a row" && {
          failing: { input: 99, outputs: [99, 100], isExpected: (reason) => reason === boom },
        }),
        limits: { stages: 3, callsPerRead: 12 },
        probed: shape === "three in a row",
      })
      expect(report.held).toBeGreaterThanOrEqual(12)
    })
  }
}

/** A stage whose transforms end when the test says so. */
function held(started: number[], jobs: PromiseWithResolvers<void>[]) {
  return asyncStage<number, number>({
    async transform(chunk, controller) {
      started.push(chunk)
      const job = Promise.withResolvers<void>()
      jobs.push(job)
      await job.promise
      controller.enqueue(chunk)
    },
  })
}

test("stages overlap: while one works on a chunk, the one before works on the next, and no further", async () => {
  const started: number[][] = [[], []]
  const jobs: PromiseWithResolvers<void>[] = []
  let given = 0
  const source = fromPull<number>({ pull: (controller) => controller.enqueue(given++) })
  const reader = source
    .pipeThrough(held(started[0] ?? [], jobs))
    .pipeThrough(held(started[1] ?? [], jobs))
    .getReader()
  await turns.quiet()
  expect(given).toBe(0)
  void reader.read()
  await turns.quiet()
  jobs.shift()?.resolve()
  await turns.quiet()
  expect(started).toEqual([[0, 1], [0]])
  for (const job of jobs) job.resolve()
  await turns.quiet()
  for (const job of jobs) job.resolve()
  await turns.quiet()
  expect(given).toBeLessThanOrEqual(4)
})

test("a stage that gives nothing asks on, over a million chunks", async () => {
  const numbers = function* () {
    for (let n = 1; n <= 1_000_000; n++) yield n
  }
  const last = asyncStage<number, number>({
    transform(chunk, controller) {
      if (chunk === 1_000_000) controller.enqueue(chunk)
    },
  })
  expect(await toArray(from(numbers()).pipeThrough(last))).toEqual([1_000_000])
})

test("a failure of the source comes after the chunk that is being worked on and the one behind it", async () => {
  const started: number[] = []
  const jobs: PromiseWithResolvers<void>[] = []
  let pulls = 0
  const source = fromPull<number>({
    pull(controller) {
      controller.enqueue(++pulls)
      if (pulls === 2) controller.error(boom)
    },
  })
  const reader = source.pipeThrough(held(started, jobs)).getReader()
  const reads = [reader.read(), reader.read()]
  await turns.quiet()
  jobs.shift()?.resolve()
  await turns.quiet()
  jobs.shift()?.resolve()
  expect((await Promise.all(reads)).map(({ value }) => value)).toEqual([1, 2])
  await expect(reader.read()).rejects.toBe(boom)
})

test("a failure of a later stage cancels all before it and the source, with the same error", async () => {
  const reasons: unknown[] = []
  const source = fromPull<number>({
    pull: (controller) => controller.enqueue(1),
    cancel: (reason) => void reasons.push(reason),
  })
  const watching: AsyncTransformer<number, number> = {
    cancel: (reason) => void reasons.push(reason),
  }
  const end = source
    .pipeThrough(asyncStage(watching))
    .pipeThrough(asyncStage<number, number>({ transform: () => Promise.reject(boom) }))
  await expect(toArray(end)).rejects.toBe(boom)
  await turns.quiet()
  expect(reasons).toEqual([boom, boom])
})

test("what a source's cancel throws is told to the consumer that cancels", async () => {
  const source = fromPull<number>({ cancel: () => Promise.reject(boom) })
  await expect(source.pipeThrough(asyncStage({})).cancel()).rejects.toBe(boom)
})

test("an abort at the head discards what every stage holds, and settles", async () => {
  const cancelled: unknown[] = []
  const watching = (): AsyncTransformer<number, number> => ({
    transform(chunk, controller) {
      controller.enqueue(chunk)
      controller.enqueue(chunk)
    },
    cancel: (reason) => void cancelled.push(reason),
  })
  const chain = compose(asyncStage(watching()), asyncStage(watching()))
  const [writer, reader] = [chain.writable.getWriter(), chain.readable.getReader()]
  writer.write(1).catch(() => {})
  await reader.read()
  const aborting = writer.abort(boom)
  await expect(reader.read()).rejects.toBe(boom)
  await aborting
  expect(cancelled).toEqual([boom, boom])
})

test("a start that waits holds back the first chunk; one that fails cancels the source", async () => {
  const start = Promise.withResolvers<void>()
  const waiting = asyncStage<number, number>({ start: () => start.promise })
  const reader = from([1]).pipeThrough(waiting).getReader()
  const read = reader.read()
  expect((await turns.settle(read)).state).toBe("pending")
  start.resolve()
  expect((await read).value).toBe(1)
  const reasons: unknown[] = []
  const source = fromPull<number>({ cancel: (reason) => void reasons.push(reason) })
  const failing = asyncStage<number, number>({ start: () => Promise.reject(boom) })
  await expect(toArray(source.pipeThrough(failing))).rejects.toBe(boom)
  expect(reasons).toEqual([boom])
})

test("a stage that has ended before it is piped into refuses and cancels what feeds it", async () => {
  for (const source of [from([1, 2]), new ReadableStream<number>()]) {
    const ended = asyncStage<number, number>({ start: (controller) => controller.terminate() })
    expect(await toArray(source.pipeThrough(ended))).toEqual([])
  }
})

test("flush runs after the last chunk, stage by stage", async () => {
  const calls: string[] = []
  const noting = (name: string): AsyncTransformer<number, number> => ({
    async transform(chunk, controller) {
      await Promise.resolve()
      calls.push(`${name} ${chunk}`)
      controller.enqueue(chunk)
    },
    flush: async (controller) => {
      await Promise.resolve()
      calls.push(`${name} flush`)
      controller.enqueue(9)
    },
  })
  const end = from([1])
    .pipeThrough(asyncStage(noting("a")))
    .pipeThrough(asyncStage(noting("b")))
  expect(await toArray(end)).toEqual([1, 9, 9])
  expect(calls).toEqual(["a 1", "b 1", "a flush", "b 9", "b flush"])
})

test("the ends inside a chain are in use, and a strategy is a boundary that works as well", async () => {
  const inner = asyncStage<number, number>({})
  const first = from([1, 2])
  const end = first.pipeThrough(inner)
  expect([first.locked, inner.writable.locked, end.locked]).toEqual([true, true, false])
  expect(await toArray(end)).toEqual([1, 2])
  const queued = asyncStage<number, number>({}, { writableStrategy: { highWaterMark: 4 } })
  expect(await toArray(from([1, 2]).pipeThrough(queued))).toEqual([1, 2])
})

test("pipe() reads a foreign readable straight into asynchronous stages, on demand", async () => {
  const source = new ScriptedSource([1, 2, 3], "close", () => {})
  const end = pipe(
    source.readable,
    asyncStage<number, number>({}),
    map((n) => n * 2),
    mapAsync(async (n: number) => n + 1),
  )
  await turns.quiet()
  expect(source.given).toBe(0)
  expect(await toArray(end)).toEqual([3, 5, 7])
  const idle = new ScriptedSource<number>([], "idle", () => {})
  await pipe(idle.readable, asyncStage<number, number>({})).cancel(boom)
  expect(idle.cancels).toEqual([boom])
})
