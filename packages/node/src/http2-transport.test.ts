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
