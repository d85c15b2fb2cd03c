import { EventEmitter } from "node:events"
import type { Socket } from "node:net"
import { loadPeer } from "../../peers/load.ts"
import { sockets } from "../carriers.ts"
import type { OpenSubject } from "../subject.ts"

interface Message {
  send(data: Uint8Array): boolean
}

interface Channel {
  addMessage(options: { encoding?: unknown; onmessage(data: Uint8Array): void }): Message
  open(): void
  fullyOpened(): Promise<boolean>
}

interface Mux {
  createChannel(options: object): Channel
  pair(name: { protocol: string }, then: () => void): void
}

/** protomux over frames on TCP, with a channel for each stream. Its writers obey the socket alone. */
export const protomux: OpenSubject = async () => {
  const peer = await loadPeer("protomux")
  if (peer.state === "missing") return peer.reason
  const encodings = await loadPeer("compact-encoding")
  if (encodings.state === "missing") return encodings.reason
  const encoding = (encodings.exports["default"] as Record<string, unknown>)["raw"]
  const Protomux = peer.exports["default"] as new (stream: unknown) => Mux
  const { here, there, close } = await sockets()
  const drains = new Set<() => void>()
  here.on("drain", () => {
    for (const resolve of drains) resolve()
    drains.clear()
  })
  const [client, server] = [new Protomux(new Framed(here)), new Protomux(new Framed(there))]
  let count = 0
  const pair = async (onThere: (data: Uint8Array, answer: Message) => void) => {
    const id = Buffer.from(String(count++))
    let reply: (data: Uint8Array) => void = () => {}
    const far = server.createChannel({ protocol: "bench", id })
    const answer = far.addMessage({ encoding, onmessage: (data) => onThere(data, answer) })
    far.open()
    const near = client.createChannel({ protocol: "bench", id })
    const message = near.addMessage({ encoding, onmessage: (data) => reply(data) })
    near.open()
    await near.fullyOpened()
    return {
      message,
      onReply(take: (data: Uint8Array) => void) {
        reply = take
      },
    }
  }
  // It has no requests: the answers on one channel come in order.
  const echo = await pair((data, answer) => void answer.send(data))
  const pending: ((data: Uint8Array) => void)[] = []
  echo.onReply((data) => pending.shift()?.(data))
  return {
    name: "protomux",
    backpressure: "nothing",
    keepsItems: true,
    async open(arrived) {
      const { message } = await pair((data) => arrived(data.length))
      return {
        write: (chunk) =>
          message.send(chunk) ? undefined : new Promise<void>((resolve) => drains.add(resolve)),
      }
    },
    request(body) {
      echo.message.send(body)
      return new Promise((resolve) => pending.push(resolve))
    },
    close,
  }
}

/** It wants a stream that keeps messages apart: a length before each does. */
class Framed extends EventEmitter {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on("drain", () => this.emit("drain"))
    socket.on("data", (chunk) => this.#split(chunk))
  }

  write(message: Uint8Array): boolean {
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(message.length)
    this.#socket.cork()
    this.#socket.write(length)
    const isFree = this.#socket.write(message)
    process.nextTick(() => this.#socket.uncork())
    return isFree
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #split(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    while (bytes.length >= 4) {
      const end = 4 + bytes.readUInt32BE(0)
      if (bytes.length < end) break
      this.emit("data", bytes.subarray(4, end))
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
  }
}
