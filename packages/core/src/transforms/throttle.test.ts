import { expect, test } from "vitest"
import { from } from "../sources/from.ts"
import { checkLaws } from "../testing/index.ts"
import type { Clock } from "../time/clock.ts"
import { VirtualClock } from "../time/virtual-clock.ts"
import { type ThrottleOptions, throttle } from "./throttle.ts"

/** A clock on which every wait is over at the next turn. */
function impatientClock(): Clock & { waits: number } {
  let now = 0
  return {
    waits: 0,
    now: () => now,
    schedule(callback, delayMs) {
      this.waits++
      let isOff = false
      queueMicrotask(() => {
        if (isOff) return
        now += delayMs
        callback()
      })
      return () => {
        isOff = true
      }
    },
  }
}

test("throttle keeps the laws, waiting or not", async () => {
  const clock = impatientClock()
  for (const options of [{ clock }, { clock, burst: Number.POSITIVE_INFINITY }]) {
    const report = await checkLaws<number, number>({
      create: () => throttle(10, options),
      inputs: [1, 2, 3, 4, 5],
      outputs: [1, 2, 3, 4, 5],
    })
    expect(report.held).toBeGreaterThanOrEqual(12)
  }
  expect(clock.waits).toBeGreaterThan(100)
})

/** When each chunk passes, in milliseconds, with a reader that always waits. */
async function times(perSecond: number, chunks: number[], options: ThrottleOptions<number> = {}) {
  const clock = new VirtualClock()
  const seen: number[] = []
  const reader = from(chunks)
    .pipeThrough(throttle(perSecond, { ...options, clock }))
    .getReader()
  const done = (async () => {
    while (!(await reader.read()).done) seen.push(Math.round(clock.now()))
  })()
  await clock.advance(100_000)
  await done
  return seen
}

test("throttle spaces chunks evenly", async () => {
  expect(await times(10, [1, 1, 1, 1])).toEqual([0, 100, 200, 300])
})

test("throttle lets a burst pass at once, then keeps the rate", async () => {
  expect(await times(10, [1, 1, 1, 1, 1], { burst: 3 })).toEqual([0, 0, 0, 100, 200])
})

test("a chunk larger than the burst passes whole, and what follows waits for it", async () => {
  expect(await times(10, [2, 5, 1, 1], { burst: 2, size: (n) => n })).toEqual([0, 200, 600, 700])
})

test("a slow reader is not made slower, and saves up no more than a burst", async () => {
  const clock = new VirtualClock()
  const reader = from([1, 2, 3, 4]).pipeThrough(throttle(10, { clock })).getReader()
  await reader.read()
  await clock.advance(10_000)
  await reader.read()
  expect(clock.now()).toBe(10_000)
  const third = reader.read()
  await clock.advance(99)
  expect(clock.pending).toBe(1)
  await clock.advance(1)
  expect((await third).value).toBe(3)
})

test("cancel and abort end a wait at once and leave no timer", async () => {
  for (const end of ["cancel", "abort"] as const) {
    const clock = new VirtualClock()
    const { readable, writable } = throttle<number>(1, { clock })
    const [reader, writer] = [readable.getReader(), writable.getWriter()]
    void writer.write(1)
    await reader.read()
    const read = reader.read().catch((reason: unknown) => reason)
    writer.write(2).catch(() => {})
    await clock.advance(10)
    expect(clock.pending).toBe(1)
    if (end === "cancel") await reader.cancel("enough")
    else await writer.abort("gone")
    await read
    expect(clock.pending).toBe(0)
  }
})

test("throttle refuses rates, bursts and sizes that are none", async () => {
  expect(() => throttle(0)).toThrow(RangeError)
  expect(() => throttle(1, { burst: 0 })).toThrow(RangeError)
  const bad = from([1]).pipeThrough(throttle<number>(1, { size: () => -1 }))
  await expect(bad.getReader().read()).rejects.toBeInstanceOf(RangeError)
})
