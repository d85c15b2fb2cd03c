import { duplexPair, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import { encodeFrame } from "../wire/encode-frame.ts"
import { Session } from "./session.ts"

test("Sides that are idle keep each other alive, and one that falls silent is given up", async () => {
  const clock = new VirtualClock()
  const [here, there] = duplexPair<Uint8Array>()
  const a = connect(here, { clock, idleTimeoutMs: 3000 })
  const b = connect(there, { clock })
  await a.ready
  await b.ready
  for (let second = 0; second < 100; second++) {
    await clock.advance(1000, 200)
    await new Promise((resolve) => setTimeout(resolve, 0)) // what is long yields to the event loop
  }
  b.handle((body) => body)
  expect(await a.request(new Uint8Array(1))).toEqual(new Uint8Array(1))
  await a.close()
  await b.closed

  const alone = new Session({ clock, idleTimeoutMs: 3000 })
  const writer = alone.writable.getWriter()
  const reading = alone.readable.pipeTo(new WritableStream())
  await writer.write(encodeFrame({ type: "hello", payload: new TextEncoder().encode("{}") }))
  await alone.ready
  await clock.advance(2900)
  let isOver = false
  const closed = alone.closed.catch((error: unknown) => {
    isOver = true
    return error
  })
  await clock.advance(0)
  expect(isOver).toBe(false)
  await clock.advance(1200)
  expect(await closed).toMatchObject({ code: "TIMEOUT" })
  await reading
})

test("A transport that takes nothing at the end is cut after closeTimeoutMs, and no timer is left", async () => {
  const clock = new VirtualClock()
  const session = new Session({ clock, closeTimeoutMs: 1000 })
  const writer = session.writable.getWriter()
  const aborted = session.abort()
  await clock.advance(999)
  let isCut = false
  writer.closed.catch(() => {
    isCut = true
  })
  await clock.advance(0)
  expect(isCut).toBe(false)
  await clock.advance(1)
  await aborted
  expect(isCut).toBe(true)
  await expect(session.readable.getReader().read()).rejects.toMatchObject({ code: "CANCELLED" })
  expect(clock.pending).toBe(0)
})

test("A session that has closed in order leaves no timer", async () => {
  const clock = new VirtualClock()
  const [here, there] = duplexPair<Uint8Array>()
  const a = connect(here, { clock, idleTimeoutMs: 3000 })
  const b = connect(there, { clock, idleTimeoutMs: 3000 })
  b.handle((body) => body)
  await a.request(new Uint8Array(1), { timeoutMs: 1000 })
  await a.close()
  await b.closed
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 31])(
  "A request does not take a timeoutMs of %s, for which no timer can be set",
  async (timeoutMs) => {
    const [here] = duplexPair<Uint8Array>()
    const session = connect(here, { closeTimeoutMs: 0 })
    await expect(session.request(new Uint8Array(1), { timeoutMs })).rejects.toThrow(RangeError)
    await session.abort()
  },
)
