import type { Duplex } from "node:stream"
import { loadPeer } from "../../peers/load.ts"
import { sockets } from "../carriers.ts"
import { drained } from "../raw.ts"
import type { OpenSubject } from "../subject.ts"

interface Session extends Duplex {
  open(): Duplex
}

/** yamux-js, which gives credit for what nobody has read. */
export const yamuxJs: OpenSubject = async () => {
  const peer = await loadPeer("yamux-js")
  if (peer.state === "missing") return peer.reason
  const exports = (peer.exports["default"] ?? peer.exports) as Record<string, unknown>
  const Client = exports["Client"] as new (config: object) => Session
  const Server = exports["Server"] as new (onStream: (s: Duplex) => void, config: object) => Session
  const { here, there, close } = await sockets()
  const readers: ((bytes: number) => void)[] = []
  const config = { enableKeepAlive: false, logger() {} }
  const client = new Client(config)
  const server = new Server((stream) => {
    const arrived = readers.shift()
    stream.on("data", (chunk: Buffer) => (arrived ? arrived(chunk.length) : stream.write(chunk)))
  }, config)
  client.pipe(here).pipe(client)
  server.pipe(there).pipe(server)
  return {
    name: "yamux-js",
    backpressure: "nothing",
    keepsItems: false,
    async open(arrived) {
      readers.push(arrived)
      const stream = client.open()
      return { write: (chunk) => drained(stream, chunk) }
    },
    close,
  }
}
