import { once } from "node:events"
import { createServer } from "node:http"
import { connect } from "node:net"
import type { Transport } from "@bellmouth/mux"
import { type TransportEnds, transportConformance } from "@bellmouth/mux/testing"
import { webSocketTransport } from "@bellmouth/mux/transports"
import { afterAll, describe, expect, test } from "vitest"
import WebSocketOfWs, { WebSocketServer } from "ws"
import { toUpgradeHandler } from "./to-upgrade-handler.ts"

const transports: Transport[] = []
const waiting: ((transport: Transport) => void)[] = []
const onUpgrade = toUpgradeHandler(
  (transport) => {
    const next = waiting.shift()
    if (next === undefined) transports.push(transport)
    else next(transport)
  },
  { WebSocketServer, origins: ["https://app.example"] },
)
const server = createServer().on("upgrade", onUpgrade).listen(0, "127.0.0.1")
await once(server, "listening")
const address = server.address()
const port = typeof address === "object" ? address?.port : 0
afterAll(() => server.close())

async function ends(): Promise<TransportEnds> {
  const accepting = new Promise<Transport>((resolve) => waiting.push(resolve))
  const socket = new WebSocketOfWs(`ws://127.0.0.1:${port}`, { perMessageDeflate: true })
  const remains = (): string[] => socket.eventNames().map(String)
  const client = webSocketTransport(socket)
  return { first: await accepting, second: client, remains, lose: () => socket.terminate() }
}

describe("toUpgradeHandler", () => {
  const cases = transportConformance({
    supports: { halfClose: false, abort: true, maxUnreadBytes: 16e6, lose: true, remains: true },
    connect: ends,
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

/** Sends raw bytes, gives what comes until the server closes. */
async function ask(text: string): Promise<string> {
  const socket = connect(Number(port), "127.0.0.1")
  socket.write(text)
  let answer = ""
  for await (const chunk of socket) answer += chunk
  return answer
}

const upgrade = (...headers: readonly string[]): string =>
  [
    "GET / HTTP/1.1",
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "\r\n",
  ].join("\r\n")

test.each([
  ["a strange origin", upgrade("host: localhost", "origin: https://evil.example")],
  ["a null origin", upgrade("host: localhost", "origin: null")],
  ["two origins", upgrade("host: localhost", "origin: https://app.example", "origin: https://b.c")],
  ["a rebound name", upgrade("host: evil.example", "origin: https://app.example")],
])("toUpgradeHandler answers 403 to %s, and makes no transport", async (_, text) => {
  const before = transports.length
  const answer = await ask(text)
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
  expect(answer).toMatch(/Cannot connect: the (?:origin|host) is \S/)
  expect(answer.toLowerCase()).not.toContain("sec-websocket-accept")
  expect(transports.length).toBe(before)
})

test("toUpgradeHandler lets go of whom it has refused, who does not end", async () => {
  const accepted = once(server, "connection")
  const peer = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true })
  peer.on("error", () => {}) // it may be reset
  peer.write(upgrade("host: localhost", "origin: null"))
  const [socket] = await accepted
  await once(socket, "close")
  peer.destroy()
})

test.each([0, -1, 0.5, Number.NaN, Infinity, 2 ** 31])(
  "toUpgradeHandler refuses a limit of %d bytes, which `ws` would take for none",
  (maxPayloadBytes) => {
    const options = { WebSocketServer, origins: "*", maxPayloadBytes } as const
    expect(() => toUpgradeHandler(() => {}, options)).toThrow(RangeError)
  },
)

test.each([
  { maxBufferedBytes: 0 },
  { maxMessageBytes: Number.NaN },
  { pauseBytes: 0 },
  { pauseBytes: 10, maxQueuedBytes: 9 },
])("toUpgradeHandler refuses %o before anybody connects", (wrong) => {
  const options = { WebSocketServer, origins: "*", ...wrong } as const
  expect(() => toUpgradeHandler(() => {}, options)).toThrow(RangeError)
})

test("toUpgradeHandler accepts the allowed origin, without compression", async () => {
  const socket = new WebSocketOfWs(`ws://localhost:${port}`, { origin: "https://app.example" })
  await once(socket, "open")
  expect(socket.extensions).toBe("")
  socket.terminate()
})

/** A frame from a client: its key is 0, so that its payload reads as it is. */
function frame(first: number, payload: Uint8Array): Buffer {
  const length =
    payload.length < 126 ? [payload.length | 128] : [255, 0, 0, 0, 0, ...u32(payload.length)]
  return Buffer.concat([Uint8Array.from([first, ...length, 0, 0, 0, 0]), payload])
}

function u32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

test.each([
  ["a message over 1 MiB", [frame(0x82, new Uint8Array(1024 * 1024 + 1))]],
  ["20,000 empty fragments", [frame(0x02, Uint8Array.of(1)), emptyFragments(20_000)]],
  ["20,000 fragments of a byte", [frame(0x02, Uint8Array.of(1)), tinyFragments(20_000)]],
  ["a text message", [frame(0x81, Uint8Array.of(65))]],
  ["a frame that says it is compressed", [frame(0xc2, Uint8Array.of(65))]],
  ["no WebSocket frame at all", [Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
])("A peer that sends %s is cut off, and fails its transport alone", async (_, frames) => {
  const accepting = new Promise<Transport>((resolve) => waiting.push(resolve))
  const socket = connect(Number(port), "127.0.0.1")
  socket.on("error", () => {}) // it is cut off while it sends
  socket.write(upgrade("host: localhost"))
  const { readable, writable } = await accepting
  const reading = (async () => {
    for await (const _chunk of readable);
  })()
  const failing = writable.getWriter().closed.catch((error: unknown) => error)
  for (const bytes of frames) socket.write(bytes)
  socket.resume()
  await expect(reading).rejects.toMatchObject({ name: "TransportError" })
  expect(await failing).toBeInstanceOf(Error)
  socket.destroy()
})

function emptyFragments(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame(0x00, new Uint8Array(0))))
}

function tinyFragments(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame(0x00, Uint8Array.of(1))))
}
