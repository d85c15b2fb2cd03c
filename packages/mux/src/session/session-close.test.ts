import { duplexPair, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import { Session } from "./session.ts"
import type { SessionOptions } from "./session-options.ts"

function pair(options: SessionOptions = {}): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here, options), connect(there, options)]
}

test.each([
  ["less than a window", 3, 60_000],
  ["several windows", 40, 20_000],
  ["one longer than a window", 1, 600_000],
])("close sends the messages that wait: %s", async (_, count, size) => {
  for (const isGreeted of [false, true]) {
    const [a, b] = pair()
    if (isGreeted) await Promise.all([a.ready, b.ready])
    const received = toArray(b.messages)
    const sent = Array.from({ length: count }, () => a.send(new Uint8Array(size)))
    await a.close()
    await Promise.all(sent)
    expect((await received).map((message) => message.length)).toEqual(Array(count).fill(size))
    await b.closed
  }
})

test("A message that waits, and is then refused, does not hold up close", async () => {
  const [a, b] = pair({ maxItemBytes: 100 })
  const sent = a.send(new Uint8Array(101))
  sent.catch(() => {})
  await Promise.all([a.close(), b.closed])
  await expect(sent).rejects.toMatchObject({ code: "TOO_LARGE" })
})

test("close ends where the peer ends the session first, also while messages wait", async () => {
  const [a, b] = pair({ windowBytes: 1000, maxQueuedBytes: 1000 })
  await Promise.all([a.ready, b.ready])
  const sent = Array.from({ length: 50 }, () => a.send(new Uint8Array(100)))
  for (const each of sent) each.catch(() => {})
  const closing = a.close()
  await new Promise((resolve) => setImmediate(resolve))
  await b.abort()
  await expect(closing).rejects.toMatchObject({ code: "CANCELLED" })
  await expect(sent.at(-1)).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("Messages that nobody wants cost their sender no wait, whole or in pieces", async () => {
  for (const size of [100, 20_000]) {
    const [a, b] = pair({ windowBytes: 1000, maxFrameBytes: 4096 })
    await Promise.all([a.ready, b.ready])
    // The first ones fill the window, and what waits is a piece.
    const first = [a.send(new Uint8Array(size)), a.send(new Uint8Array(size))]
    await new Promise((resolve) => setImmediate(resolve))
    await b.messages.cancel()
    await Promise.all(first)
    for (let n = 0; n < 30; n++) await a.send(new Uint8Array(size))
    await Promise.all([a.close(), b.closed])
  }
})

test("A session whose output is cancelled by a handler of its own is lost, not closed", async () => {
  const [a, b] = [new Session(), new Session()]
  const toA = b.readable.pipeTo(a.writable)
  const reader = a.readable.getReader()
  const writer = b.writable.getWriter()
  a.handle((body) => {
    reader.cancel(new Error("planted")).catch(() => {})
    return body
  })
  const asked = b.request(new Uint8Array(1))
  asked.catch(() => {})
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    await writer.write(next.value)
  }
  await expect(a.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await writer.close()
  await expect(asked).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await toA.catch(() => {})
})
