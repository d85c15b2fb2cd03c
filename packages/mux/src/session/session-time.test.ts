import { duplexPair, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import { encodeFrame } from "../wire/encode-frame.ts"
import { MuxError } from "../wire/mux-error.ts"
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

test("A transport that takes nothing more, with a write in hand, is broken off in time", async () => {
  const clock = new VirtualClock()
  const reasons: unknown[] = []
  const toUs = new TransformStream<Uint8Array, Uint8Array>()
  const writer = toUs.writable.getWriter()
  const writable = new WritableStream<Uint8Array>({
    start: ({ signal }) => signal.addEventListener("abort", () => reasons.push(signal.reason)),
    write: () => new Promise(() => {}),
  })
  const session = connect({ readable: toUs.readable, writable }, { clock, closeTimeoutMs: 500 })
  await writer.write(encodeFrame({ type: "hello", payload: new TextEncoder().encode("{}") }))
  await session.ready
  const aborted = session.abort(new MuxError("APPLICATION", "Enough"))
  await clock.advance(499)
  expect([reasons, session.cut.aborted]).toEqual([[], false])
  await clock.advance(1)
  await aborted
  expect(reasons).toEqual([expect.objectContaining({ message: "Enough" })])
  expect(session.cut.aborted).toBe(true)
  await expect(writer.closed).rejects.toMatchObject({ message: "Enough" })
})
