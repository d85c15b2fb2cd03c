import { expect, onTestFinished, test, vi } from "vitest"
import { systemClock } from "./clock.ts"

test.each([
  [5, [5]],
  [2 ** 31 - 1, [2 ** 31 - 1]],
  [2 ** 31 + 6, [2 ** 31 - 1, 7]],
])("systemClock waits for %i ms by timers of %j ms", (delayMs, parts) => {
  const waits: (number | undefined)[] = []
  const timers: (() => void)[] = []
  vi.stubGlobal("setTimeout", (callback: () => void, ms?: number) => {
    waits.push(ms)
    return timers.push(callback)
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  let calls = 0
  systemClock.schedule(() => calls++, delayMs)
  for (const _part of parts) {
    expect(calls).toBe(0)
    timers.shift()?.()
  }
  expect([calls, waits, timers]).toEqual([1, parts, []])
})

test("systemClock never goes off where it is to wait for ever, and can be prevented", () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const prevent = systemClock.schedule(() => expect.unreachable(), Infinity)
  vi.advanceTimersByTime(2 ** 32)
  expect(vi.getTimerCount()).toBe(1)
  prevent()
  expect(vi.getTimerCount()).toBe(0)
})
