import { once } from "node:events"
import { createServer, connect as dial, type Socket } from "node:net"
import type { Transport } from "@bellmouth/mux"
import {
  createTransport,
  messagePortTransport,
  type TransportController,
  type UnderlyingTransport,
  webSocketTransport,
} from "@bellmouth/mux/transports"
import { socketTransport } from "@bellmouth/node"
import { WebSocket, WebSocketServer } from "ws"

/** What the sessions run over. */
export type Carrier = "memory" | "TCP" | "WebSocket" | "MessagePort"

export interface Ends<T> {
  readonly here: T
  readonly there: T
  close(): void
}

/** Both ends of a TCP connection. */
export async function sockets(): Promise<Ends<Socket>> {
  const server = createServer({ noDelay: true })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("Cannot listen: no port")
  const accepted = once(server, "connection")
  const here = dial({ port: address.port, host: "127.0.0.1", noDelay: true })
  const [[there]] = (await Promise.all([accepted, once(here, "connect")])) as [[Socket], unknown]
  server.close()
  for (const socket of [here, there]) socket.on("error", () => {}) // the other end was destroyed
  const close = (): void => {
    here.destroy()
    there.destroy()
  }
  return { here, there, close }
}

/** Both ends of a WebSocket of the package `ws`. */
export async function webSockets(): Promise<Ends<WebSocket>> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false })
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("Cannot listen: no port")
  const accepted = once(server, "connection")
  const here = new WebSocket(`ws://127.0.0.1:${address.port}`, { perMessageDeflate: false })
  const [[there]] = (await Promise.all([accepted, once(here, "open")])) as [[WebSocket], unknown]
  const close = (): void => {
    here.terminate()
    there.terminate()
    server.close()
  }
  return { here, there, close }
}

export async function ports(): Promise<Ends<MessagePort>> {
  const { port1, port2 } = new MessageChannel()
  const close = (): void => {
    port1.close()
    port2.close()
  }
  return { here: port1, there: port2, close }
}

/** A connection in memory: as on any other, what arrives is a copy. */
class MemoryLink implements UnderlyingTransport {
  readonly halfClose = true
  peer: MemoryLink | undefined
  controller: TransportController | undefined
  #isPaused = false
  #underWay: Uint8Array[] = []
  #bytes = 0

  start(controller: TransportController): void {
    this.controller = controller
  }

  write(bytes: Uint8Array): boolean {
    this.#underWay.push(new Uint8Array(bytes))
    this.#bytes += bytes.length
    if (this.#underWay.length === 1) queueMicrotask(() => this.#deliver())
    return this.#bytes < 262_144
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (this.peer !== undefined) this.peer.#deliver()
  }

  close(): void {
    queueMicrotask(() => this.peer?.controller?.close())
  }

  abort(reason: unknown): void {
    this.peer?.controller?.error(reason)
  }

  release(): void {
    this.#isPaused = false
  }

  #deliver(): void {
    if (this.peer === undefined || this.peer.#isPaused) return
    const [arrived, bytes] = [this.#underWay, this.#bytes]
    this.#underWay = []
    this.#bytes = 0
    for (const chunk of arrived) this.peer.controller?.enqueue(chunk)
    if (bytes >= 262_144) this.controller?.drain()
  }
}

export function memory(): Ends<Transport> {
  const [here, there] = [new MemoryLink(), new MemoryLink()]
  here.peer = there
  there.peer = here
  const [first, second] = [createTransport(here), createTransport(there)]
  const isByteStream = true // its chunks say nothing of messages
  return { here: { ...first, isByteStream }, there: { ...second, isByteStream }, close() {} }
}

/** Our own transports at both ends. */
export async function transports(carrier: Carrier): Promise<Ends<Transport>> {
  switch (carrier) {
    case "memory":
      return memory()
    case "TCP": {
      const { here, there, close } = await sockets()
      return { here: socketTransport(here), there: socketTransport(there), close }
    }
    case "WebSocket": {
      const { here, there, close } = await webSockets()
      return { here: webSocketTransport(here), there: webSocketTransport(there), close }
    }
    case "MessagePort": {
      const { here, there, close } = await ports()
      return { here: messagePortTransport(here), there: messagePortTransport(there), close }
    }
    default:
      return carrier satisfies never
  }
}
