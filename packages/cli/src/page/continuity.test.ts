import { expect, test } from "vitest"
import { Continuity, parsePosition } from "./continuity.ts"

test("a position is the log's id and the offset after the record", () => {
  expect(parsePosition("a.b.17")).toEqual({ log: "a.b", next: 17 })
  for (const id of ["", "17", ".17", "log.", "log.-1", "log.x"])
    expect(parsePosition(id)).toBeUndefined()
})

test("Continuity counts gaps and repeats, and starts over with another log", () => {
  const continuity = new Continuity()
  const accepted = [5, 6, 6, 9, 7].map((next) => continuity.accept({ log: "a", next }))
  expect(accepted).toEqual([true, true, false, true, false])
  expect([continuity.gaps, continuity.repeats]).toEqual([2, 2])
  expect(continuity.accept({ log: "b", next: 1 })).toBe(true)
  expect([continuity.gaps, continuity.last]).toEqual([2, { log: "b", next: 1 }])
})
