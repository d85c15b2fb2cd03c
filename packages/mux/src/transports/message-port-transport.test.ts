import { Worker } from "node:worker_threads"
import { describe, expect, test } from "vitest"
import { connect } from "../connect.ts"
import { transportConformance } from "../testing/transport-conformance.ts"
import type { MessagePortLike } from "./message-port-like.ts"
import { messagePortTransport } from "./message-port-transport.ts"

/** Notes which listeners a port has. */
function watchListeners(port: MessagePort, held: Set<string>, name: string): MessagePortLike {
  const add = port.addEventListener.bind(port)
  const remove = port.removeEventListener.bind(port)
  port.addEventListener = (type: string, listener: EventListener) => {
    held.add(`${name} ${type}`)
    add(type, listener)
  }
  port.removeEventListener = (type: string, listener: EventListener) => {
    held.delete(`${name} ${type}`)
    remove(type, listener)
  }
  return port
}

describe.each([{ transfer: false }, { transfer: true }])("messagePortTransport %o", (options) => {
  const cases = transportConformance({
    supports: {
      halfClose: true,
      abort: true,
      maxUnreadBytes: 1_000_000,
      lose: true,
      remains: true,
    },
    async connect() {
      const { port1, port2 } = new MessageChannel()
      const held = new Set<string>()
      return {
        first: messagePortTransport(watchListeners(port1, held, "first"), options),
        second: messagePortTransport(watchListeners(port2, held, "second"), options),
        lose: () => port1.close(),
        remains: () => [...held],
      }
    },
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

test.each([
  ["copied", {}, false, 4],
  ["transferred", { transfer: true }, false, 0],
  ["transferred once whoever writes keeps none", {}, true, 0],
] as const)("A chunk is %s", async (_, options, isAllowed, left) => {
  const { port1, port2 } = new MessageChannel()
  const [here, there] = [messagePortTransport(port1, options), messagePortTransport(port2)]
  if (isAllowed) here.allowTransfer?.()
  const chunk = Uint8Array.of(1, 2, 3, 4)
  const part = new Uint8Array(8).subarray(2, 4)
  const writer = here.writable.getWriter()
  await writer.write(chunk)
  await writer.write(part)
  const reader = there.readable.getReader()
  expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2, 3, 4))
  expect((await reader.read()).value).toEqual(Uint8Array.of(0, 0))
  expect(chunk.length).toBe(left)
  expect(part.buffer.byteLength).toBe(8)
  await writer.abort()
})

test("A chunk that was transferred is refused when it is written again", async () => {
  const { port1, port2 } = new MessageChannel()
  const [here, there] = [
    messagePortTransport(port1, { transfer: true }),
    messagePortTransport(port2),
  ]
  const writer = here.writable.getWriter()
  const chunk = Uint8Array.of(1, 2)
  await writer.write(new Uint8Array(0))
  await writer.write(chunk)
  await expect(writer.write(chunk)).rejects.toThrow(TypeError)
  const reader = there.readable.getReader()
  expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2))
  await expect(reader.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test.each([{}, { isByteStream: true }])(
  "A session over a port, told %o, detaches no chunk of its user's",
  async (options) => {
    const { port1, port2 } = new MessageChannel()
    const client = connect(messagePortTransport(port1), options)
    const server = connect(messagePortTransport(port2))
    server.serve((channel) => channel.readable.pipeTo(channel.writable))
    const { readable, writable } = client.open()
    const [writer, reader] = [writable.getWriter(), readable.getReader()]
    const chunk = new Uint8Array(10_000).fill(7)
    for (let n = 0; n < 8; n++) {
      await writer.write(chunk)
      expect((await reader.read()).value).toEqual(new Uint8Array(10_000).fill(7))
    }
    await Promise.all([client.abort(), server.abort()])
  },
)

test("Beside small messages half as much is under way, until large ones have long been alone", async () => {
  const { port1, port2 } = new MessageChannel()
  const writer = messagePortTransport(port1, { transfer: true }).writable.getWriter()
  port2.start()
  /** Writes chunks until there is no room: how many. Then all of it is taken. */
  const fill = async (size = 0): Promise<number> => {
    let chunks = 0
    if (size > 0) void writer.write(new Uint8Array(size))
    for (; (writer.desiredSize ?? 0) > 0; chunks++) void writer.write(new Uint8Array(65_536))
    port2.postMessage(size + chunks * 65_536)
    await writer.ready
    return chunks
  }
  await writer.ready
  expect([await fill(), await fill(100), await fill(), await fill()]).toEqual([8, 4, 4, 4])
  expect([await fill(), await fill(), await fill(4096)]).toEqual([8, 8, 8])
  await writer.abort()
})

test.each([
  ["text", "hello"],
  ["an object", { length: 1 }],
  ["a report of bytes that were not sent", 1],
  ["a report that is no number", Number.NaN],
  ["nothing", null],
])("A message that is %s breaks the connection off at both ends", async (_, message) => {
  const { port1, port2 } = new MessageChannel()
  const here = messagePortTransport(port1)
  const told = new Promise((resolve) =>
    port2.addEventListener("message", ({ data }) => resolve(data)),
  )
  port2.start()
  port2.postMessage(message)
  await expect(here.readable.getReader().read()).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  await expect(here.writable.getWriter().closed).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  expect(await told).toBe("abort")
})

test("A peer that heeds no window overflows the queue and is broken off", async () => {
  const { port1, port2 } = new MessageChannel()
  const here = messagePortTransport(port1, { pauseBytes: 1000, maxQueuedBytes: 10_000 })
  const told = new Promise((resolve) =>
    port2.addEventListener("message", ({ data }) => resolve(data)),
  )
  port2.start()
  for (let n = 0; n < 100; n++) port2.postMessage(new Uint8Array(1))
  expect(await told).toBe("abort")
  await expect(here.writable.getWriter().closed).rejects.toMatchObject({ code: "OVERFLOW" })
  const reader = here.readable.getReader()
  let came = 0
  const reading = (async () => {
    for (; !(await reader.read()).done; came++);
  })()
  await expect(reading).rejects.toMatchObject({ code: "OVERFLOW" })
  // Each counts with 256 bytes more than it has.
  expect(came).toBe(Math.floor(10_000 / 257))
})

test("A worker that echoes over its own port", async () => {
  const code = `
    const { parentPort } = require("node:worker_threads")
    import(${JSON.stringify(import.meta.resolve("@bellmouth/mux/transports"))}).then((module) => {
      const { readable, writable } = module.messagePortTransport(parentPort)
      return readable.pipeTo(writable)
    })`
  const worker = new Worker(code, { eval: true })
  const target = new EventTarget()
  worker.on("message", (data) => target.dispatchEvent(new MessageEvent("message", { data })))
  const port: MessagePortLike = {
    postMessage: (message: unknown, transfer?: ArrayBuffer[]) =>
      worker.postMessage(message, transfer),
    addEventListener: (type, listener) => target.addEventListener(type, listener),
    removeEventListener: (type, listener) => target.removeEventListener(type, listener),
  }
  const { readable, writable } = messagePortTransport(port)
  const writer = writable.getWriter()
  const writing = (async () => {
    for (let n = 0; n < 50; n++) await writer.write(new Uint8Array(30_000).fill(n))
    await writer.close()
  })()
  const echoed = await new Response(readable).bytes()
  await writing
  expect(echoed.length).toBe(1_500_000)
  expect(echoed.at(-1)).toBe(49)
  await worker.terminate()
})
