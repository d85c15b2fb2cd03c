import { once } from "node:events"
import { type ClientHttp2Session, connect, createServer } from "node:http2"
import { drained } from "../raw.ts"
import type { OpenSubject } from "../subject.ts"

/** Node's HTTP/2, with a stream for each request. It is C++, and carries bytes, not items. */
export const http2: OpenSubject = async () => {
  const server = createServer()
  const readers: ((bytes: number) => void)[] = []
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {}) // cut at the end
    stream.respond({ ":status": 200 })
    const arrived = headers[":path"] === "/lane" ? readers.shift() : undefined
    if (arrived === undefined) return stream.pipe(stream)
    return stream.on("data", (chunk: Buffer) => arrived(chunk.length))
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") return "it does not listen"
  const session = connect(`http://127.0.0.1:${address.port}`)
  session.on("error", () => {}) // cut at the end
  await once(session, "connect")
  return {
    name: "node:http2",
    backpressure: "each stream",
    keepsItems: false,
    async open(arrived) {
      readers.push(arrived)
      const stream = session.request({ ":method": "POST", ":path": "/lane" })
      stream.on("error", () => {}) // cut at the end
      stream.resume()
      await once(stream, "response")
      return { write: (chunk) => drained(stream, chunk) }
    },
    request: (body) => post(session, body),
    close() {
      session.destroy()
      server.close()
    },
  }
}

function post(session: ClientHttp2Session, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": "/echo" })
    stream.on("error", reject)
    stream.on("end", resolve)
    stream.resume()
    stream.end(body)
  })
}
