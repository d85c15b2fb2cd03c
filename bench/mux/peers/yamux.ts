import type { Socket } from "node:net"
import { loadPeer } from "../../peers/load.ts"
import { type Ends, sockets } from "../carriers.ts"
import type { OpenSubject } from "../subject.ts"

interface List {
  readonly byteLength: number
  subarray(): Uint8Array
}

/** A stream of js-libp2p, or a connection of it. */
interface MessageStream extends EventTarget {
  send(data: Uint8Array | List): boolean
  close(): Promise<void>
}

interface Muxer extends EventTarget {
  createStream(): Promise<MessageStream>
  abort(reason: Error): void
}

interface Connections {
  readonly connections: Ends<MessageStream>
}

type Factory = { createStreamMuxer(connection: MessageStream): Muxer }

/** Yamux as js-libp2p has it, by the name of its package. */
export const yamux =
  (name: "@libp2p/yamux" | "@chainsafe/libp2p-yamux"): OpenSubject =>
  async () => {
    const peer = await loadPeer(name)
    if (peer.state === "missing") return peer.reason
    const libp2p = await loadPeer("@libp2p/utils")
    if (libp2p.state === "missing") return libp2p.reason
    const make = peer.exports["yamux"] as () => () => Factory
    const { connections } = await overTcp(libp2p.exports)
    const client = make()().createStreamMuxer(connections.here)
    const server = make()().createStreamMuxer(connections.there)
    const readers: ((bytes: number) => void)[] = []
    server.addEventListener("stream", (event) => {
      const stream = (event as CustomEvent<MessageStream>).detail
      const arrived = readers.shift()
      onData(stream, (data) => (arrived ? arrived(data.byteLength) : void stream.send(data)))
      if (arrived === undefined) onEnd(stream, () => void stream.close())
    })
    return {
      name,
      backpressure: "each stream",
      keepsItems: false,
      async open(arrived) {
        readers.push(arrived)
        const stream = await client.createStream()
        return { write: (chunk) => (stream.send(chunk) ? undefined : drainOf(stream)) }
      },
      async request(body) {
        const stream = await client.createStream()
        const answered = new Promise<void>((resolve) => onData(stream, () => resolve()))
        stream.send(body)
        await answered
        await stream.close()
      },
      close() {
        connections.close()
      },
    }
  }

function onData(stream: EventTarget, take: (data: List) => void): void {
  stream.addEventListener("message", (event) => take((event as MessageEvent<List>).data))
}

/** Not its own `onDrain()`, which after the first time fulfils at once. */
function drainOf(stream: EventTarget): Promise<void> {
  return new Promise((resolve) => {
    stream.addEventListener("drain", () => resolve(), { once: true })
  })
}

function onEnd(stream: EventTarget, then: () => void): void {
  stream.addEventListener("remoteCloseWrite", then)
}

/** A connection as js-libp2p wants it, over a socket. */
async function overTcp(exports: Readonly<Record<string, unknown>>): Promise<Connections> {
  const { here, there, close } = await sockets()
  const wrap = wrapperOf(exports)
  return { connections: { here: wrap(here, "outbound"), there: wrap(there, "inbound"), close } }
}

type Wrap = (socket: Socket, direction: "inbound" | "outbound") => MessageStream

interface Receiver extends MessageStream {
  onData(data: Uint8Array): void
  safeDispatchEvent(type: string): void
}

function wrapperOf(exports: Readonly<Record<string, unknown>>): Wrap {
  const Base = exports["AbstractMultiaddrConnection"] as new (init: object) => Receiver
  const log = Object.assign(() => {}, {
    error() {},
    trace() {},
    enabled: false,
    newScope: () => log,
  })
  return (socket, direction) => {
    class SocketConnection extends Base {
      sendData(data: List): { sentBytes: number; canSendMore: boolean } {
        const sentBytes = data.byteLength
        return { sentBytes, canSendMore: socket.write(data.subarray()) }
      }
      sendPause(): void {
        socket.pause()
      }
      sendResume(): void {
        socket.resume()
      }
      sendReset(): void {
        socket.destroy()
      }
      async sendClose(): Promise<void> {
        socket.end()
      }
    }
    const connection = new SocketConnection({ remoteAddr: undefined, direction, log })
    socket.on("data", (chunk) => connection.onData(chunk))
    socket.on("drain", () => connection.safeDispatchEvent("drain"))
    return connection
  }
}
