import { once } from "node:events"
import { createServer, connect as dial, type Socket } from "node:net"
import { connect, encodeFrame } from "@bellmouth/mux"
import { expect, onTestFinished, test } from "vitest"
import { socketTransport } from "./socket-transport.ts"

/** Both ends of a connection, of which the second reads nothing. */
async function ends(): Promise<[Socket, Socket]> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  const peer = dial(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1")
  peer.on("error", () => {}) // it is reset
  const [socket]: Socket[] = await once(server, "connection")
  if (socket === undefined) expect.fail("no socket came")
  onTestFinished(() => void peer.destroy())
  return [socket, peer.pause()]
}

/** A transport whose close is under way, to a peer that takes nothing. */
async function closing() {
  const [socket] = await ends()
  const { readable, writable } = socketTransport(socket)
  const writer = writable.getWriter()
  // The system takes no more, and there is still room in the socket.
  while (socket.writableLength === 0) {
    await writer.write(new Uint8Array(4000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const failures = [readable.getReader().closed, writer.close()].map((end) =>
    end.catch((error: unknown) => error),
  )
  await new Promise((resolve) => setImmediate(resolve))
  expect([socket.writableEnded, socket.writableFinished]).toEqual([true, false])
  return { socket, failures }
}

test.each<[string, (socket: Socket) => unknown]>([
  ["destroyed", (socket) => socket.destroy()],
  ["given a time", (socket) => socket.setTimeout(20, () => socket.destroy())],
])("A close does not pass for done when its socket is %s before all has left", async (_, end) => {
  const { socket, failures } = await closing()
  end(socket)
  for (const failure of failures) expect(await failure).toMatchObject({ code: "CONNECTION_LOST" })
  expect(socket.destroyed).toBe(true)
})

test("A session that is over does not keep the socket of a peer that reads no more", async () => {
  const [socket, peer] = await ends()
  const session = connect(socketTransport(socket), { closeTimeoutMs: 100 })
  const payload = new TextEncoder().encode('{"credit":1000000000}')
  peer.write(encodeFrame({ type: "hello", payload }))
  await session.ready
  const { writable } = session.open()
  const writer = writable.getWriter()
  // Far more than the system takes.
  for (let n = 0; n < 1000; n++) writer.write(new Uint8Array(65_536)).catch(() => {})
  for (let still = 0, last = -1; still < 50; still = socket.bytesWritten === last ? still + 1 : 0) {
    last = socket.bytesWritten
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(socket.writableLength).toBeGreaterThan(0)
  const closed = once(socket, "close")
  await session.abort()
  await closed
})
