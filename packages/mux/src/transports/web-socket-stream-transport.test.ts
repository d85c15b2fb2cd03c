import { expect, test } from "vitest"
import { webSocketStreamTransport } from "./web-socket-stream-transport.ts"

test("A socket that does not open fails both streams, and nothing else", async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
  process.on("unhandledRejection", onUnhandled)
  const failed = new Error("planted")
  const { readable, writable } = webSocketStreamTransport({
    opened: Promise.reject(failed),
    closed: Promise.reject(failed),
    close() {},
  })
  const error = { code: "CONNECT_FAILED", cause: failed }
  await expect(readable.getReader().read()).rejects.toMatchObject(error)
  await expect(writable.getWriter().closed).rejects.toMatchObject(error)
  await new Promise((resolve) => setImmediate(resolve))
  process.off("unhandledRejection", onUnhandled)
  expect(unhandled).toEqual([])
})

/** A socket that is open, as Chromium has it. */
function open(highWaterMark: number) {
  const input = new TransformStream<unknown, unknown>()
  const output = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark })
  const closes: unknown[] = []
  const { promise: closed, resolve } = Promise.withResolvers<{ closeCode: number }>()
  const transport = webSocketStreamTransport(
    {
      opened: Promise.resolve({ readable: input.readable, writable: output.writable }),
      closed,
      close(info) {
        closes.push(info)
        resolve({ closeCode: info?.closeCode ?? 1000 })
      },
    },
    { pauseBytes: 1000 },
  )
  return {
    ...transport,
    peer: input.writable.getWriter(),
    sent: output.readable.getReader(),
    closes,
  }
}

const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

test("A text message breaks the socket off, and says why", async () => {
  const { readable, writable, peer, closes } = open(1)
  void peer.write("text").catch(() => {}) // it is broken off
  await expect(readable.getReader().read()).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  await expect(writable.getWriter().closed).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  expect(closes).toEqual([{ closeCode: 4003 }])
})

test("A reader that has stopped stops the peer, and goes on where it was", async () => {
  const { readable, peer } = open(1)
  let taken = 0
  for (let n = 0; n < 20; n++) void peer.write(new Uint8Array(100).fill(n)).then(() => taken++)
  await turns()
  expect(taken).toBeLessThan(10)
  const reader = readable.getReader()
  for (let n = 0; n < 20; n++) expect((await reader.read()).value?.[0]).toBe(n)
})

test("A write waits while the socket has no room", async () => {
  const { writable, sent } = open(1)
  const writer = writable.getWriter()
  await writer.write(new Uint8Array(0))
  let taken = 0
  for (let n = 0; n < 10; n++) void writer.write(Uint8Array.of(n)).then(() => taken++)
  await turns()
  expect(taken).toBeLessThan(3)
  for (let n = 0; n < 10; n++) expect((await sent.read()).value).toEqual(Uint8Array.of(n))
  await turns()
  expect(taken).toBe(10)
})
