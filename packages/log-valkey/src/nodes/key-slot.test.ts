import { expect, test } from "vitest"
import { keySlot } from "./key-slot.ts"

test("keySlot is that of the cluster specification", () => {
  // CRC-16 of 123456789 is 0x31c3, says the specification.
  expect(keySlot("123456789")).toBe(0x31c3)
  expect(keySlot("")).toBe(0)
  for (const [left, right] of [
    ["{user1000}.following", "user1000"],
    ["foo{{bar}}zap", "{bar"],
    ["foo{bar}{zap}", "bar"],
  ] as const) {
    expect(keySlot(left)).toBe(keySlot(right))
  }
  // An empty tag is none.
  expect(keySlot("foo{}{bar}")).not.toBe(keySlot("bar"))
})
