import { expect, test } from "vitest"
import { systemClock } from "./clock.ts"
import { VirtualClock } from "./virtual-clock.ts"

test("VirtualClock calls what falls due, in order of time, then of scheduling", async () => {
  const clock = new VirtualClock()
  const seen: string[] = []
  const note = (name: string) => () => seen.push(`${name} at ${clock.now()}`)
  clock.schedule(note("late"), 20)
  clock.schedule(note("early"), 10)
  clock.schedule(note("early too"), 10)
  const prevent = clock.schedule(note("never"), 15)
  prevent()
  await clock.advance(19)
  expect(seen).toEqual(["early at 10", "early too at 10"])
  expect(clock.pending).toBe(1)
  await clock.advance(1)
  expect(seen.at(-1)).toBe("late at 20")
  expect(clock.now()).toBe(20)
})

test("VirtualClock calls what a callback, or a promise that it settles, schedules in time", async () => {
  const clock = new VirtualClock()
  const seen: number[] = []
  clock.schedule(() => {
    void Promise.resolve().then(() => clock.schedule(() => seen.push(clock.now()), 5))
  }, 5)
  await clock.advance(10)
  expect(seen).toEqual([10])
})

test("systemClock calls back once, and not when prevented", async () => {
  let calls = 0
  systemClock.schedule(() => calls++, 0)()
  await new Promise<void>((resolve) => void systemClock.schedule(resolve, 1))
  expect(calls).toBe(0)
})
