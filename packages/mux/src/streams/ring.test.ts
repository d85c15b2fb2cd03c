import fc from "fast-check"
import { expect, test } from "vitest"
import { Ring } from "./ring.ts"

test("Ring is an array with push and shift", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat()), { maxLength: 200 }), (steps) => {
      const ring = new Ring<number>()
      const array: number[] = []
      for (const step of steps) {
        if (step === null) {
          expect(ring.shift()).toBe(array.shift())
        } else {
          array.push(step)
          ring.push(step)
        }
        expect(ring.length).toBe(array.length)
        expect(ring.peek()).toBe(array[0])
      }
    }),
  )
})
