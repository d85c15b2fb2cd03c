import { once } from "node:events"
import { connect, createServer, type ServerHttp2Stream } from "node:http2"
import { expect, onTestFinished, test } from "vitest"
import { http2Transport } from "./http2-transport.ts"

test("a stream whose client has left before it is adapted is a lost connection", async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  const port = typeof address === "object" ? address?.port : 0
  const session = connect(`http://127.0.0.1:${port}`)
  session.request({ ":method": "POST" })
  const [stream]: ServerHttp2Stream[] = await once(server, "stream")
  if (stream === undefined) expect.fail("no stream came")
  const left = once(stream, "close")
  session.destroy()
  await left
  const { readable, writable } = http2Transport(stream)
  const lost = { code: "CONNECTION_LOST" }
  await expect(readable.getReader().read()).rejects.toMatchObject(lost)
  await expect(writable.getWriter().write(new Uint8Array(1))).rejects.toMatchObject(lost)
})

/** A transport of a client, and the stream at the server. */
async function ends() {
  const server = createServer()
  onTestFinished(() => void server.close())
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  const client = connect(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`)
  onTestFinished(() => client.destroy())
  const stream = client.request({ ":method": "POST" }, { endStream: false })
  const transport = http2Transport(stream)
  const [peer]: ServerHttp2Stream[] = await once(server, "stream")
  if (peer === undefined) expect.fail("no stream came")
  peer.respond()
  const closed = new Promise((resolve) => stream.once("close", resolve))
  return { closed, stream, peer, ...transport }
}

test("A peer that lets go of a stream fails what is still written to it", async () => {
  const { closed, peer, readable, writable } = await ends()
  const reader = readable.getReader()
  peer.write(new Uint8Array(10))
  expect((await reader.read()).value).toHaveLength(10)
  const written = writable.getWriter().write(new Uint8Array(1_000_000))
  const failed = written.catch((error: unknown) => error)
  peer.close() // an end, and a reset without an error
  await reader.read().catch(() => {}) // whether it is broken off or ended is for the peer to say
  expect(await failed).toMatchObject({ code: "CONNECTION_LOST" })
  await closed
})

test("A lost stream is let go with what was not read", async () => {
  const { closed, stream, peer, readable, writable } = await ends()
  peer.write(new Uint8Array(1_000_000))
  while (!stream.isPaused()) await new Promise((resolve) => setImmediate(resolve))
  peer.close()
  const { closed: failed } = writable.getWriter()
  await expect(failed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await readable.cancel()
  await closed
})
