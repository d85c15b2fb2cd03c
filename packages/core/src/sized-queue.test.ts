import fc from "fast-check"
import { expect, test } from "vitest"
import { SizedQueue } from "./sized-queue.ts"

test("SizedQueue does what an array does, and knows its total size", () => {
  let shifts = 0
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(100)), { maxLength: 200, size: "max" }), (steps) => {
      const queue = new SizedQueue<number>()
      const twin: number[] = []
      for (const step of steps) {
        const expected = step === null ? twin.shift() : undefined
        const seen = step === null ? queue.shift()?.chunk : queue.push(step, step)
        if (step === null) shifts++
        else twin.push(step)
        expect(seen).toBe(expected)
        expect(queue.length).toBe(twin.length)
        expect(queue.total).toBe(twin.reduce((sum, size) => sum + size, 0))
      }
      expect(queue.drain()).toEqual(twin)
      expect(queue.total).toBe(0)
    }),
  )
  expect(shifts).toBeGreaterThan(100)
})

test("SizedQueue keeps order when it never runs empty", () => {
  const queue = new SizedQueue<number>()
  queue.push(0, 1)
  for (let n = 1; n < 10_000; n++) {
    queue.push(n, 1)
    expect(queue.shift()?.chunk).toBe(n - 1)
  }
  expect(queue.total).toBe(1)
})
