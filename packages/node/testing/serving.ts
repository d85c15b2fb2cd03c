import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { type RunningServer, type ServeOptions, serve } from "../src/serve.ts"
import type { RequestHandler } from "../src/to-node-handler.ts"

/** A server for the length of a test, and what it reports. */
export async function serving(handler: RequestHandler, options: ServeOptions = {}) {
  const errors: unknown[] = []
  const server = await serve(handler, { port: 0, onError: (e) => errors.push(e), ...options })
  onTestFinished(() => server.close())
  return { server, errors }
}

/** A client that reads only when it is told to. */
export async function rawGet(
  server: RunningServer,
  head = "GET / HTTP/1.1",
  headers = "Host: localhost",
) {
  const socket: Socket = connect(server.port, "127.0.0.1")
  await once(socket, "connect")
  socket.on("error", () => {}) // A reset is what some of these tests cause.
  socket.write(`${head}\r\n${headers}\r\n\r\n`)
  return socket
}

export async function firstBytes(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, "data")
  return String(chunk)
}
