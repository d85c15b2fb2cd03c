import fc from "fast-check"
import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { StreamError } from "../stream-error.ts"
import { Turns } from "../testing/turns.ts"
import { filter } from "../transforms/filter.ts"
import { fromPush } from "./from-push.ts"
import type { FromPushOptions, PushController } from "./push-source.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })

function open(options: FromPushOptions<number> = {}) {
  const calls: string[] = []
  const reasons: unknown[] = []
  let controller: PushController<number> | undefined
  const readable = fromPush<number>(
    {
      start(given) {
        controller = given
      },
      pause: () => void calls.push("pause"),
      resume: () => void calls.push("resume"),
      stop(reason) {
        calls.push("stop")
        reasons.push(reason)
      },
    },
    options,
  )
  if (controller === undefined) throw new Error("start was not called")
  return { readable, controller, calls, reasons }
}

test("fromPush pauses at the high water mark and resumes at the low one, once each", async () => {
  const { readable, controller, calls } = open({ highWaterMark: 4, lowWaterMark: 1 })
  for (let n = 0; n < 6; n++) controller.enqueue(n)
  expect(calls).toEqual(["pause"])
  expect(controller.desiredSize).toBe(-2)
  const reader = readable.getReader()
  for (let n = 0; n < 4; n++) expect((await reader.read()).value).toBe(n)
  expect(calls).toEqual(["pause"])
  expect((await reader.read()).value).toBe(4)
  expect(calls).toEqual(["pause", "resume"])
  expect((await reader.read()).value).toBe(5)
})

test("fromPush hands a chunk straight to a consumer that waits", async () => {
  const { readable, controller, calls } = open({ highWaterMark: 1, lowWaterMark: 0 })
  const reader = readable.getReader()
  for (let n = 0; n < 100; n++) {
    const read = reader.read()
    await turns.quiet()
    controller.enqueue(n)
    expect((await read).value).toBe(n)
  }
  expect(calls).toEqual([])
})

test("fromPush keeps order when a stage takes chunks and the source answers from within", async () => {
  const { readable, controller } = open()
  const odd = readable.pipeThrough(
    filter((n: number) => {
      if (n === 0) controller.enqueue(5)
      return n % 2 === 1
    }),
  )
  for (const n of [0, 2, 3]) controller.enqueue(n)
  const reader = odd.getReader()
  expect((await reader.read()).value).toBe(3)
  expect((await reader.read()).value).toBe(5)
})

test("overflow error: what is queued is delivered, then OVERFLOW; the source is stopped at once", async () => {
  const { readable, controller, calls, reasons } = open({ highWaterMark: 2, maxQueued: 3 })
  for (let n = 0; n < 5; n++) controller.enqueue(n)
  expect(calls).toEqual(["pause", "stop"])
  const reader = readable.getReader()
  for (let n = 0; n < 3; n++) expect((await reader.read()).value).toBe(n)
  const error: unknown = await reader.read().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(StreamError)
  expect(error).toMatchObject({ code: "OVERFLOW" })
  expect(reasons).toEqual([error])
})

test("overflow drop-newest keeps the first, drop-oldest the last; each drop is told and counted", async () => {
  for (const [overflow, kept, lost] of [
    ["drop-newest", [0, 1, 2], [3, 4]],
    ["drop-oldest", [2, 3, 4], [0, 1]],
  ] as const) {
    const dropped: number[] = []
    const options = { highWaterMark: 2, maxQueued: 3, overflow }
    const { readable, controller } = open({ ...options, onDrop: (n) => dropped.push(n) })
    for (let n = 0; n < 5; n++) controller.enqueue(n)
    controller.close()
    expect(await toArray(readable)).toEqual(kept)
    expect(dropped).toEqual(lost)
    expect(controller.dropped).toBe(2)
  }
})

test("drop-oldest drops a chunk that is larger than the whole queue, and nothing else", async () => {
  const { readable, controller } = open({
    highWaterMark: 4,
    maxQueued: 4,
    overflow: "drop-oldest",
    size: (n) => n,
  })
  controller.enqueue(2)
  controller.enqueue(5)
  controller.close()
  expect(await toArray(readable)).toEqual([2])
  expect(controller.dropped).toBe(1)
})

test("calls after cancel, close and error do nothing", async () => {
  for (const end of ["cancel", "close", "error"] as const) {
    const { readable, controller, calls } = open()
    const reason = new Error("over")
    if (end === "cancel") await readable.cancel(reason)
    else if (end === "close") controller.close()
    else controller.error(reason)
    controller.enqueue(1)
    controller.close()
    controller.error("later")
    expect(controller.desiredSize).toBe(0)
    const seen = await readable
      .getReader()
      .read()
      .catch((error: unknown) => error)
    expect(seen).toEqual(end === "error" ? reason : { value: undefined, done: true })
    expect(calls).toEqual(end === "cancel" ? ["stop"] : [])
  }
})

test("cancel stops an idle source with the reason and waits for it; its error is the canceller's", async () => {
  const boom = new Error("can not stop")
  const readable = fromPush({ start() {}, stop: () => Promise.reject(boom) })
  await expect(readable.cancel("enough")).rejects.toBe(boom)
})

test("an error is seen at once when nothing is queued, and by nobody before what is queued", async () => {
  const idle = open()
  const reader = idle.readable.getReader()
  idle.controller.error("gone")
  await expect(reader.closed).rejects.toBe("gone")
  const queued = open()
  queued.controller.enqueue(1)
  queued.controller.error("gone")
  const late = queued.readable.getReader()
  expect((await turns.settle(late.closed)).state).toBe("pending")
  expect((await late.read()).value).toBe(1)
  await expect(late.closed).rejects.toBe("gone")
})

test("what a callback throws fails the stream after what is queued", async () => {
  const boom = new Error("boom")
  expect(() =>
    fromPush({
      start() {
        throw boom
      },
    }),
  ).toThrow(boom)
  await expect(toArray(fromPush({ start: () => Promise.reject(boom) }))).rejects.toBe(boom)
  const { readable, controller } = open({
    size: (n) => {
      if (n === 2) throw boom
      return 1
    },
  })
  controller.enqueue(1)
  controller.enqueue(2)
  const reader = readable.getReader()
  expect((await reader.read()).value).toBe(1)
  await expect(reader.read()).rejects.toBe(boom)
})

test("fromPush refuses marks out of order", () => {
  for (const options of [
    { highWaterMark: 0 },
    { highWaterMark: Number.NaN },
    { highWaterMark: 4, lowWaterMark: 4 },
    { highWaterMark: 4, lowWaterMark: -1 },
    { highWaterMark: 4, maxQueued: 3 },
  ]) {
    expect(() => open(options), JSON.stringify(options)).toThrow(RangeError)
  }
})

test("whatever the interleaving, a source that heeds pause loses nothing and stays within its bound", async () => {
  let paused = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      async (steps, highWaterMark) => {
        const { readable, controller, calls } = open({ highWaterMark, maxQueued: highWaterMark })
        const reader = readable.getReader()
        let given = 0
        let taken = 0
        for (const step of steps) {
          for (let n = 0; n < step && calls.at(-1) !== "pause"; n++) controller.enqueue(given++)
          for (let n = 0; n < 13 - step && taken < given; n++) {
            expect((await reader.read()).value).toBe(taken++)
          }
        }
        paused += calls.filter((call) => call === "pause").length
        controller.close()
        while (taken < given) expect((await reader.read()).value).toBe(taken++)
        expect((await reader.read()).done).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
  expect(paused).toBeGreaterThan(50)
})
