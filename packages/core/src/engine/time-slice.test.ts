import { expect, test } from "vitest"
import { forEach } from "../sinks/for-each.ts"
import { from } from "../sources/from.ts"
import { TimeSlice } from "./time-slice.ts"

function* endless(): Generator<number> {
  for (let chunk = 0; ; chunk++) yield chunk
}

test("A long synchronous forEach lets timers have their turn", async () => {
  let isDue = false
  setTimeout(() => {
    isDue = true
  }, 0)
  const deadline = performance.now() + 4000
  await forEach(from(endless()), () => {
    if (isDue) throw "seen"
    if (performance.now() > deadline) throw "starved"
  }).catch((reason: unknown) => expect(reason).toBe("seen"))
  expect(isDue).toBe(true)
})

test("A long synchronous pipeTo lets timers have their turn", async () => {
  let isDue = false
  setTimeout(() => {
    isDue = true
  }, 0)
  const deadline = performance.now() + 4000
  const sink = new WritableStream<number>({
    write() {
      if (isDue) throw "seen"
      if (performance.now() > deadline) throw "starved"
    },
  })
  await expect(from(endless()).pipeTo(sink)).rejects.toBe("seen")
})

test("A slice is short where every chunk is slow, too", async () => {
  const slice = new TimeSlice()
  const busyMs = (ms: number): void => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  for (let quick = 0; quick < 1000; quick++) slice.isOver()
  await slice.yield()
  let chunks = 0
  // At most one long look-ahead is left over from the quick chunks.
  for (let slices = 0; slices < 4; slices++) {
    for (chunks = 1, busyMs(3); !slice.isOver(); chunks++) busyMs(3)
    await slice.yield()
  }
  expect(chunks).toBeLessThan(10)
})
