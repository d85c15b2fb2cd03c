import { expect, test } from "vitest"
import { forEach } from "../sinks/for-each.ts"
import { SnapshotSource } from "./snapshot.ts"

test("a reader that sets the next value leaves no other one with the old", async () => {
  const source = new SnapshotSource<number>()
  const first = forEach(source.snapshot.readable(), (state) => {
    if (state === 1) source.set(2)
  })
  const seen: number[] = []
  const second = forEach(source.snapshot.readable(), (state) => void seen.push(state))
  await new Promise((resolve) => setTimeout(resolve))
  source.set(1)
  source.close()
  await Promise.all([first, second])
  expect([source.latest?.state, seen.at(-1)]).toEqual([2, 2])
})
