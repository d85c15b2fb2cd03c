import { expect, test } from "vitest"
import { forEach } from "../for-each.ts"
import { from } from "../from.ts"

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
