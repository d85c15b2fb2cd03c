import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connectObjects } from "./connect-objects.ts"

test("A peer that does not greet, or does not end, has its time", async () => {
  const clock = new VirtualClock()
  const { port1, port2 } = new MessageChannel()
  const session = connectObjects(port1, { clock, helloTimeoutMs: 100 })
  await clock.advance(100)
  await expect(session.closed).rejects.toMatchObject({ code: "TIMEOUT" })
  await expect(session.ready).rejects.toMatchObject({ code: "TIMEOUT" })
  const isClosed = new Promise((resolve) => port2.addEventListener("close", resolve))
  port2.start()
  await clock.advance(2000)
  await isClosed
  expect(clock.pending).toBe(0)
})

test.each([
  { windowItems: 0 },
  { windowItems: 2 ** 31 },
  { windowItems: 1.5 },
  { maxChannels: -1 },
  { maxPendingOpens: Number.NaN },
  { helloTimeoutMs: Infinity },
  { closeTimeoutMs: -1 },
])("A limit out of its range is refused: %o", (options) => {
  expect(() => connectObjects(new MessageChannel().port1, options)).toThrow(RangeError)
})
