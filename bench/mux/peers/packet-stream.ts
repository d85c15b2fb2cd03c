import { loadPeer } from "../../peers/load.ts"
import { sockets } from "../carriers.ts"
import type { OpenSubject } from "../subject.ts"

interface Substream {
  write(data: Uint8Array): void
  read: (data: Uint8Array | null, end: unknown) => void
}

interface PacketStream {
  read: (message: unknown, end: unknown) => void
  write(message: unknown, end: unknown): void
  stream(): Substream
  request(body: Uint8Array, done: (error: unknown, reply: Uint8Array) => void): void
}

interface Handlers {
  stream?(stream: Substream): void
  request?(body: Uint8Array, reply: (error: unknown, body: Uint8Array) => void): void
}

type PullRead = (end: unknown, done: (end: unknown, value?: unknown) => void) => void

interface Codec {
  encodePair(message: unknown): [Buffer, Buffer | null]
  decode(): (read: PullRead) => PullRead
}

/** packet-stream with its codec, on which muxrpc stands. Its writers obey the socket alone. */
export const packetStream: OpenSubject = async () => {
  const made = await loadPeer("packet-stream")
  if (made.state === "missing") return made.reason
  const coded = await loadPeer("packet-stream-codec")
  if (coded.state === "missing") return coded.reason
  const create = made.exports["default"] as (handlers: Handlers) => PacketStream
  const codec = coded.exports["default"] as Codec
  const { here, there, close } = await sockets()
  const readers: ((bytes: number) => void)[] = []
  let drain: Promise<void> | undefined
  const bind = (handlers: Handlers, socket: typeof here): PacketStream => {
    const stream = create(handlers)
    stream.read = (message) => {
      if (message === null) return
      const [head, body] = codec.encodePair(message)
      const isFree = socket.write(head)
      if (body === null || (socket.write(body) && isFree) || drain !== undefined) return
      drain = new Promise((resolve) => {
        socket.once("drain", () => {
          drain = undefined
          resolve()
        })
      })
    }
    const read = codec.decode()(pullFrom(socket))
    const next = (): void =>
      read(null, (end, message) => {
        if (end !== null) return
        stream.write(message, null)
        next()
      })
    next()
    return stream
  }
  const client = bind({}, here)
  bind(
    {
      stream(stream) {
        const arrived = readers.shift()
        stream.read = (data) => data !== null && arrived?.(data.length)
      },
      request: (body, reply) => reply(null, body),
    },
    there,
  )
  return {
    name: "packet-stream with its codec",
    backpressure: "nothing",
    keepsItems: true,
    async open(arrived) {
      readers.push(arrived)
      const stream = client.stream()
      return {
        write(chunk) {
          stream.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
          return drain
        },
      }
    },
    request: (body) =>
      new Promise((resolve, reject) =>
        client.request(Buffer.from(body), (error, reply) =>
          error === null ? resolve(reply) : reject(error),
        ),
      ),
    close,
  }
}

/** A socket as pull-streams want it. */
function pullFrom(socket: NodeJS.ReadableStream): PullRead {
  const queue: unknown[] = []
  let waiting: ((end: unknown, value?: unknown) => void) | undefined
  socket.on("data", (chunk) => {
    const done = waiting
    waiting = undefined
    if (done === undefined) queue.push(chunk)
    else done(null, chunk)
  })
  return (end, done) => {
    if (end) return done(end)
    if (queue.length > 0) return done(null, queue.shift())
    waiting = done
  }
}
