import { expect, test } from "vitest"
import { ChunkQueue } from "./chunk-queue.ts"

test("ChunkQueue keeps the order over any mix of pushes and shifts", () => {
  const queue = new ChunkQueue()
  let pushed = 0
  let shifted = 0
  // It never runs empty and is compacted many times.
  for (let round = 0; round < 5000; round++) {
    for (let n = 0; n <= round % 3; n++) queue.push(pushed++)
    while (queue.length > 5) expect(queue.shift()).toBe(shifted++)
  }
  expect(queue.length).toBe(pushed - shifted)
  while (queue.length > 0) expect(queue.shift()).toBe(shifted++)
  expect(shifted).toBe(pushed)
  expect(pushed).toBeGreaterThan(9000)
})
