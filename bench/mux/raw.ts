import type { Socket } from "node:net"
import type { WebSocket } from "ws"
import { type Carrier, memory, ports, sockets, webSockets } from "./carriers.ts"
import type { Subject } from "./subject.ts"

/** The transport by itself: one stream, and a ping-pong whose messages are told apart by nothing. */
export function raw(carrier: Carrier): Promise<Subject> {
  if (carrier === "memory") return rawMemory()
  if (carrier === "TCP") return rawSocket()
  return carrier === "WebSocket" ? rawWebSocket() : rawPort()
}

const common = { name: "the transport alone", backpressure: "the connection" } as const

async function rawMemory(): Promise<Subject> {
  const { here, there, close } = memory()
  let arrived: (bytes: number) => void = () => {}
  const read = async (): Promise<void> => {
    for await (const chunk of there.readable) arrived(chunk.length)
  }
  void read()
  const writer = here.writable.getWriter()
  return {
    ...common,
    keepsItems: true,
    async open(to) {
      arrived = to
      return { write: (chunk) => writer.write(chunk) }
    },
    close,
  }
}

async function rawSocket(): Promise<Subject> {
  const { here, there, close } = await sockets()
  const pong = answers(there, here)
  return {
    ...common,
    keepsItems: false,
    async open(arrived) {
      there.on("data", (chunk) => arrived(chunk.length))
      return { write: (chunk) => drained(here, chunk) }
    },
    request: pong,
    close,
  }
}

/** Until a stream is opened, what comes is sent back. */
function answers(there: Socket, here: Socket): (body: Uint8Array) => Promise<unknown> {
  let answer: (() => void) | undefined
  const echo = (chunk: Buffer): void => void there.write(chunk)
  let isEchoing = false
  return (body) => {
    if (!isEchoing) {
      isEchoing = true
      there.on("data", echo)
      here.on("data", () => answer?.())
    }
    return new Promise<void>((resolve) => {
      answer = resolve
      here.write(body)
    })
  }
}

/** Writes as Node's streams want it. */
export function drained(
  stream: { write(chunk: Uint8Array): boolean; once(event: "drain", then: () => void): unknown },
  chunk: Uint8Array,
): Promise<void> | undefined {
  if (stream.write(chunk)) return undefined
  return new Promise((resolve) => stream.once("drain", resolve))
}

async function rawWebSocket(): Promise<Subject> {
  const { here, there, close } = await webSockets()
  let isEchoing = false
  return {
    ...common,
    keepsItems: true,
    async open(arrived) {
      there.on("message", (data: Buffer) => arrived(data.length))
      return { write: (chunk) => sent(here, chunk) }
    },
    request(body) {
      if (!isEchoing) there.on("message", (data: Buffer) => there.send(data))
      isEchoing = true
      return new Promise((resolve) => {
        here.once("message", resolve)
        here.send(body)
      })
    },
    close,
  }
}

/** Waits while a good deal is under way. */
function sent(socket: WebSocket, chunk: Uint8Array): Promise<void> | undefined {
  if (socket.bufferedAmount < 262_144) {
    socket.send(chunk)
    return undefined
  }
  return new Promise((resolve) => socket.send(chunk, () => resolve()))
}

const PORT_WINDOW_BYTES = 4_194_304

/** A port has no backpressure; an answer for each 4 MiB is the least that bounds it. */
async function rawPort(): Promise<Subject> {
  const { here, there, close } = await ports()
  let isEchoing = false
  return {
    ...common,
    keepsItems: true,
    async open(arrived) {
      let sentBytes = 0
      let seenBytes = 0
      let wake: (() => void) | undefined
      there.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
        seenBytes += data.length
        arrived(data.length)
        if (wake === undefined || sentBytes - seenBytes >= PORT_WINDOW_BYTES / 2) return
        wake()
        wake = undefined
      }
      return {
        write(chunk) {
          sentBytes += chunk.length
          here.postMessage(chunk)
          if (sentBytes - seenBytes < PORT_WINDOW_BYTES) return undefined
          return new Promise<void>((resolve) => {
            wake = resolve
          })
        },
      }
    },
    request(body) {
      if (!isEchoing) {
        isEchoing = true
        there.onmessage = ({ data }) => there.postMessage(data)
      }
      return new Promise((resolve) => {
        here.onmessage = resolve
        here.postMessage(body)
      })
    },
    close,
  }
}
