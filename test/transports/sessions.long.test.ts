import { once } from "node:events"
import { createServer as createHttpServer, type Server as HttpServer } from "node:http"
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net"
import { connect, type Transport } from "@bellmouth/mux"
import { messagePortTransport, webSocketTransport } from "@bellmouth/mux/transports"
import { socketTransport, toUpgradeHandler } from "@bellmouth/node"
import { afterAll, expect, test } from "vitest"
import WebSocketOfWs, { WebSocketServer } from "ws"

type Pair = readonly [Transport, Transport]

const servers: (Server | HttpServer)[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function portOf(server: Server | HttpServer): Promise<number> {
  servers.push(server)
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

async function overTcp(): Promise<Pair> {
  const server = createServer()
  const client = connectSocket(await portOf(server), "127.0.0.1")
  const [accepted]: Socket[] = await once(server, "connection")
  if (accepted === undefined) throw new Error("Cannot accept: no socket came")
  return [socketTransport(client), socketTransport(accepted)]
}

async function overWebSocket(make: (url: string) => WebSocket | WebSocketOfWs): Promise<Pair> {
  const { promise, resolve } = Promise.withResolvers<Transport>()
  const server = createHttpServer()
  server.on("upgrade", toUpgradeHandler(resolve, { WebSocketServer, origins: [] }))
  const client = webSocketTransport(make(`ws://127.0.0.1:${await portOf(server)}`))
  return [client, await promise]
}

async function overPorts(transfer: boolean): Promise<Pair> {
  const { port1, port2 } = new MessageChannel()
  return [messagePortTransport(port1, { transfer }), messagePortTransport(port2, { transfer })]
}

const pairs: Record<string, () => Promise<Pair>> = {
  TCP: overTcp,
  "WebSocket of Node": () => overWebSocket((url) => new WebSocket(url)),
  "WebSocket of ws": () => overWebSocket((url) => new WebSocketOfWs(url)),
  MessagePort: () => overPorts(false),
  "MessagePort with transfer": () => overPorts(true),
}

test.each(Object.entries(pairs))(
  "A session over %s carries channels and requests, and ends",
  async (_, make) => {
    const [here, there] = await make()
    const [client, server] = [connect(here), connect(there)]
    server.serve((channel) => channel.readable.pipeTo(channel.writable))
    server.handle((body) => body.toReversed())
    const channel = client.open()
    const echo = (async () => {
      let bytes = 0
      for await (const chunk of channel.readable) bytes += chunk.length
      return bytes
    })()
    const writer = channel.writable.getWriter()
    const writing = (async () => {
      for (let n = 0; n < 100; n++) await writer.write(new Uint8Array(50_000))
      await writer.close()
    })()
    for (let n = 1; n < 50; n++) {
      expect(await client.request(Uint8Array.of(n, 0))).toEqual(Uint8Array.of(0, n))
    }
    await writing
    expect(await echo).toBe(5_000_000)
    await client.close()
    await Promise.all([client.closed, server.closed])
  },
)

test.each(Object.entries(pairs))(
  "A reader that has stopped costs a session over %s its window and one frame",
  async (over, make) => {
    const windowBytes = over.startsWith("MessagePort") ? 524_288 : 262_144
    const [here, there] = await make()
    const [client, server] = [connect(here), connect(there)]
    server.serve(({ finished }) => finished) // it reads nothing
    server.handle((body) => body)
    const writer = client.open().writable.getWriter()
    let taken = 0
    const writing = (async () => {
      for (;;) {
        await writer.write(new Uint8Array(992))
        taken += 1000
      }
    })()
    const ended = writing.catch(() => {}) // it is aborted
    for (let still = 0, last = -1; still < 50; still = taken === last ? still + 1 : 0) {
      last = taken
      await client.request(Uint8Array.of(1)) // others go on
    }
    expect(taken).toBeGreaterThanOrEqual(windowBytes)
    expect(taken).toBeLessThanOrEqual(windowBytes + 65_536)
    await Promise.all([client.abort(), server.abort(), ended])
  },
)

test.each(Object.entries(pairs))(
  "A session over %s fails when the connection is broken off",
  async (_, make) => {
    const [here, there] = await make()
    const [client, server] = [connect(here), connect(there)]
    const { promise, resolve } = Promise.withResolvers<Uint8Array>()
    server.handle(() => promise)
    const failed = client.request(Uint8Array.of(1)).catch((error: unknown) => error)
    await server.ready
    await client.ready
    const ended = Promise.allSettled([client.closed, server.closed])
    await server.abort()
    expect(await failed).toMatchObject({ name: "MuxError" })
    expect((await ended).map(({ status }) => status)).toContain("rejected")
    resolve(new Uint8Array(0))
  },
)
