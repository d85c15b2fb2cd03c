import { loadPeer } from "../../peers/load.ts"
import { ports, webSockets } from "../carriers.ts"
import type { OpenSubject } from "../subject.ts"

interface Service {
  take(readable: ReadableStream<Uint8Array>): Promise<void>
  echo(body: Uint8Array): Promise<Uint8Array>
}

/** capnweb: a stream is an argument of a call. Over a WebSocket its bytes are base64 in JSON. */
export const capnweb =
  (carrier: "WebSocket" | "MessagePort"): OpenSubject =>
  async () => {
    const peer = await loadPeer("capnweb")
    if (peer.state === "missing") return peer.reason
    const { here, there, close } = await (carrier === "WebSocket" ? webSockets() : ports())
    const name = `new${carrier}RpcSession`
    const start = peer.exports[name] as (end: unknown, main?: unknown) => Service
    const Target = peer.exports["RpcTarget"] as new () => object
    const readers: ((bytes: number) => void)[] = []
    class Main extends Target implements Service {
      async take(readable: ReadableStream<Uint8Array>): Promise<void> {
        const arrived = readers.shift()
        for await (const chunk of readable) arrived?.(chunk.length)
      }
      async echo(body: Uint8Array): Promise<Uint8Array> {
        return body
      }
    }
    start(there, new Main())
    const stub = start(here)
    return {
      name: "capnweb",
      backpressure: "each stream",
      keepsItems: true,
      async open(arrived) {
        readers.push(arrived)
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
        stub.take(readable).catch(() => {}) // cut at the end
        const writer = writable.getWriter()
        writer.closed.catch(() => {})
        return {
          write(chunk) {
            writer.write(chunk).catch(() => {}) // as above
            return writer.ready
          },
        }
      },
      request: (body) => stub.echo(body),
      close,
    }
  }
