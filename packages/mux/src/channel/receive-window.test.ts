import fc from "fast-check"
import { expect, test } from "vitest"
import { ReceiveWindow } from "./receive-window.ts"

test("ReceiveWindow never promises more than its size, and never lets an honest sender starve", () => {
  let satisfied = 0
  let grants = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.tuple(fc.integer({ min: 8, max: 3000 }), fc.boolean(), fc.boolean()), {
        maxLength: 200,
      }),
      (size, most, steps) => {
        const window = new ReceiveWindow(size)
        const unread: number[] = []
        let balance = size
        for (const [cost, isRead, isShared] of steps) {
          if (!isRead && balance > 0) {
            window.arrive(cost)
            balance -= cost
            unread.push(cost)
          } else {
            const next = unread.shift()
            const credit = next === undefined ? 0 : window.take(next, isShared ? most : Infinity)
            if (isShared && credit > 0) expect(balance + credit).toBeLessThanOrEqual(most)
            balance += credit
            if (credit > 0) grants++
          }
          const held = unread.reduce((sum, each) => sum + each, 0)
          // What is out, what is held and what is not yet given back are the window, always.
          expect(window.balance).toBe(balance)
          expect(balance + held + window.taken).toBe(size)
          // With everything read the sender may go on.
          if (held === 0) {
            expect(balance).toBeGreaterThan(0)
            satisfied++
          }
        }
      },
    ),
    { numRuns: 500 },
  )
  expect(satisfied).toBeGreaterThan(300)
  expect(grants).toBeGreaterThan(100)
})

test("ReceiveWindow refuses what was sent without balance, and takes the frame that overshoots", () => {
  const window = new ReceiveWindow(100)
  window.arrive(99)
  window.arrive(5000)
  expect(window.balance).toBe(-4999)
  expect(() => window.arrive(8)).toThrow(expect.objectContaining({ code: "FLOW_CONTROL" }))
  expect(window.balance).toBe(-4999)
  expect(window.grow(300)).toBe(200)
  expect(window.take(5099, Infinity)).toBe(5099)
  expect(window.balance).toBe(300)
})
