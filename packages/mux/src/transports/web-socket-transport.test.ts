import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { VirtualClock } from "@bellmouth/core"
import { describe, expect, test } from "vitest"
import WebSocketOfWs, { WebSocketServer } from "ws"
import { transportConformance } from "../testing/transport-conformance.ts"
import type { TransportEnds } from "../testing/transport-subject.ts"
import type { WebSocketLike } from "./web-socket-like.ts"
import { webSocketTransport } from "./web-socket-transport.ts"

const maxPayload = 1024 * 1024
const server = new WebSocketServer({ port: 0, maxPayload, clientTracking: false })
await once(server, "listening")
const address = server.address()
const url = `ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}`

async function accepted(): Promise<WebSocketOfWs> {
  const [socket]: WebSocketOfWs[] = await once(server, "connection")
  if (socket === undefined) throw new Error("Cannot accept: no socket came")
  return socket
}

async function connectBy(make: () => WebSocketLike, swap: boolean): Promise<TransportEnds> {
  const accepting = accepted()
  const client = webSocketTransport(make())
  const socket = await accepting
  const remote = webSocketTransport(socket)
  const [first, second] = swap ? [remote, client] : [client, remote]
  const remains = (): string[] => socket.eventNames().map(String)
  return { first, second, lose: () => socket.terminate(), remains }
}

describe.each([
  ["ws, which can be paused, towards ws", () => new WebSocketOfWs(url), false, 16_000_000],
  ["a global WebSocket towards ws", () => new WebSocket(url), false, 16_000_000],
  ["ws towards a global WebSocket", () => new WebSocket(url), true, false],
] as const)("webSocketTransport: %s", (_, make, swap, maxUnreadBytes) => {
  const cases = transportConformance({
    supports: { halfClose: false, abort: true, maxUnreadBytes, lose: true, remains: true },
    connect: () => connectBy(make, swap),
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

test("A text message fails both streams", async () => {
  const accepting = accepted()
  const { readable, writable } = webSocketTransport(new WebSocket(url))
  const peer = await accepting
  peer.send("text")
  await expect(readable.getReader().read()).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  await expect(writable.getWriter().closed).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  expect((await once(peer, "close"))[0]).toBe(4003)
})

test.each([
  [1000, "end"],
  [undefined, "end"],
  [1001, "CONNECTION_LOST"],
  [1008, "CONNECTION_LOST"],
  [4000, "CONNECTION_LOST"],
])("A close with %s is seen as %s", async (closeCode, seen) => {
  const accepting = accepted()
  const { readable } = webSocketTransport(new WebSocket(url))
  const peer = await accepting
  peer.close(closeCode, closeCode === undefined ? undefined : "why")
  const read = readable.getReader().read()
  if (seen === "end") expect((await read).done).toBe(true)
  else await expect(read).rejects.toMatchObject({ code: seen, closeCode, closeReason: "why" })
})

test.each([
  ["ws", (bad: string) => new WebSocketOfWs(bad)],
  ["the global WebSocket", (bad: string) => new WebSocket(bad)],
])("What does not open fails with CONNECT_FAILED: %s", async (_, make) => {
  const silent = createServer((socket: Socket) => socket.destroy()).listen(0, "127.0.0.1")
  await once(silent, "listening")
  const at = silent.address()
  const { readable, writable } = webSocketTransport(
    make(`ws://127.0.0.1:${typeof at === "object" ? at?.port : ""}`),
  )
  const writer = writable.getWriter()
  const writing = writer.write(new Uint8Array(1))
  await expect(readable.getReader().read()).rejects.toMatchObject({ code: "CONNECT_FAILED" })
  await expect(writing).rejects.toMatchObject({ code: "CONNECT_FAILED" })
  silent.close()
})

test("Aborting while it connects is no uncaught error, and settles", async () => {
  for (const make of [() => new WebSocketOfWs(url), () => new WebSocket(url)]) {
    const { readable, writable } = webSocketTransport(make())
    const reason = new Error("planted")
    await writable.abort(reason)
    await expect(readable.getReader().read()).rejects.toBe(reason)
  }
})

/** A socket whose buffer is emptied by hand. */
function fakeSocket(): WebSocketLike & {
  readyState: number
  bufferedAmount: number
  receive(data: unknown): void
} {
  const target = new EventTarget()
  return {
    binaryType: "blob",
    readyState: 1,
    bufferedAmount: 0,
    send(bytes) {
      this.bufferedAmount += bytes.length
    },
    close: (code) => void target.dispatchEvent(Object.assign(new Event("close"), { code })),
    addEventListener: (type, listener) => target.addEventListener(type, listener),
    removeEventListener: (type, listener) => target.removeEventListener(type, listener),
    receive: (data) => void target.dispatchEvent(new MessageEvent("message", { data })),
  }
}

test("A write waits while 256 KiB are in the socket, by ever rarer looks or until a message", async () => {
  const clock = new VirtualClock()
  const socket = fakeSocket()
  const { writable } = webSocketTransport(socket, { clock })
  const writer = writable.getWriter()
  await writer.write(new Uint8Array(256 * 1024 - 1))
  expect(clock.pending).toBe(0)
  let isDone = false
  void writer.write(new Uint8Array(1)).then(() => {
    isDone = true
  })
  await clock.advance(1000)
  expect([isDone, clock.pending]).toEqual([false, 1])
  socket.bufferedAmount--
  await clock.advance(16)
  expect([isDone, clock.pending]).toEqual([true, 0])

  isDone = false
  void writer.write(new Uint8Array(300_000)).then(() => {
    isDone = true
  })
  await clock.advance(0)
  expect([isDone, clock.pending]).toEqual([false, 1])
  socket.bufferedAmount = 0
  socket.receive(new ArrayBuffer(1))
  await clock.advance(0)
  expect([isDone, clock.pending]).toEqual([true, 0])
})

test.each([
  [1000, "end", "CLOSED"],
  [1006, "CONNECTION_LOST", "CONNECTION_LOST"],
])("A write while the socket closes waits for how it has: %s", async (code, read, written) => {
  const socket = fakeSocket()
  const { readable, writable } = webSocketTransport(socket)
  const writer = writable.getWriter()
  socket.receive(new ArrayBuffer(3))
  socket.readyState = 2
  const writing = writer.write(new Uint8Array(1))
  writing.catch(() => {})
  await new Promise((resolve) => setImmediate(resolve))
  socket.close(code)
  const reader = readable.getReader()
  expect((await reader.read()).value?.length).toBe(3)
  const end = reader.read()
  if (read === "end") expect((await end).done).toBe(true)
  else await expect(end).rejects.toMatchObject({ code: read })
  await expect(writing).rejects.toMatchObject({ code: written })
  expect(socket.bufferedAmount).toBe(0)
})

test("An abort ends the looking", async () => {
  const clock = new VirtualClock()
  const { writable } = webSocketTransport(fakeSocket(), { clock })
  const writer = writable.getWriter()
  const writing = writer.write(new Uint8Array(300_000))
  await clock.advance(0)
  const reason = new Error("planted")
  await Promise.all([expect(writing).rejects.toBe(reason), writer.abort(reason)])
  expect(clock.pending).toBe(0)
})

test.each([
  { maxBufferedBytes: 0 },
  { maxBufferedBytes: Number.NaN },
  { maxMessageBytes: 0 },
  { maxMessageBytes: -1 },
  { maxMessageBytes: Number.NaN },
  { pauseBytes: 0 },
  { pauseBytes: 10, maxQueuedBytes: 9 },
])("Limits that let nothing through are refused: %o", (options) => {
  expect(() => webSocketTransport(fakeSocket(), options)).toThrow(RangeError)
})
