import { once } from "node:events"
import { connect as connectSocket, createServer } from "node:net"
import type { Session, SessionOptions } from "@bellmouth/mux"
import { socketTransport } from "@bellmouth/node"
import type { Mux } from "./import-mux.ts"

/** A session, and the other end of its connection as it is, for whoever wants to misuse it. */
export interface Victim {
  readonly session: Session
  /** Hands bytes over; fulfils when there is room for more, or when the connection has ended. */
  write(bytes: Uint8Array): Promise<void>
  /** Begins to read what the session sends; before, nothing is read. */
  read(onBytes: (bytes: Uint8Array) => void): void
  /** Ends the direction to the session; the other stays. */
  end(): void
  /** Breaks the connection off. */
  reset(): void
}

export type VictimOver = "memory" | "tcp"

export function makeVictim(mux: Mux, over: VictimOver, options: SessionOptions): Promise<Victim> {
  return over === "tcp" ? overTcp(mux, options) : Promise.resolve(inMemory(mux, options))
}

function inMemory(mux: Mux, options: SessionOptions): Victim {
  const session = new mux.Session(options)
  const writer = session.writable.getWriter()
  writer.closed.catch(() => {}) // `session.closed` is looked at
  const reader = session.readable.getReader()
  return {
    session,
    write: (bytes) => writer.write(bytes).catch(() => {}),
    read: (onBytes) => void readAll(reader, onBytes),
    end: () => void writer.close().catch(() => {}),
    reset: () => {
      void writer.abort(new Error("The connection was reset")).catch(() => {})
      void reader.cancel(new Error("The connection was reset")).catch(() => {})
    },
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) onBytes(next.value)
  } catch {
    // it was cut: `session.closed` is looked at
  }
}

async function overTcp(mux: Mux, options: SessionOptions): Promise<Victim> {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("No port was given")
  const accepted = once(server, "connection")
  const socket = connectSocket(address.port, "127.0.0.1")
  socket.pause()
  socket.setNoDelay(true)
  socket.on("error", () => {}) // what ended the session is looked at
  const [[there]] = await Promise.all([accepted, once(socket, "connect")])
  server.close()
  const session = mux.connect(socketTransport(there), options)
  const isGone = once(socket, "close")
  return {
    session,
    async write(bytes) {
      if (!socket.writable) return
      if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), isGone])
    },
    read: (onBytes) => void socket.on("data", onBytes).resume(),
    end: () => void socket.end(),
    reset: () => socket.resetAndDestroy(),
  }
}
