import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { fromIovalkey, fromNodeRedis, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis as Ioredis } from "ioredis"
import { Redis } from "iovalkey"
import { createClient } from "redis"
import { expect, onTestFinished, test } from "vitest"
import { NodeLink } from "../../packages/log-valkey/src/nodes/node-link.ts"

const clients: Record<string, (port: number) => ValkeyClient> = {
  iovalkey: (port) => fromIovalkey(new Redis({ port, lazyConnect: true })),
  ioredis: (port) => fromIovalkey(new Ioredis({ port, lazyConnect: true })),
  redis: (port) => fromNodeRedis(createClient({ socket: { host: "localhost", port } })),
}

test.each(Object.keys(clients))(
  "a server that takes connections and never says anything keeps %s neither waiting nor connected",
  async (library) => {
    const open = new Set<Socket>()
    let taken = 0
    const server = createServer((socket) => {
      taken++
      open.add(socket)
      socket.on("error", () => {})
      // What comes is read, so that its end is seen.
      socket.on("data", () => {})
      socket.on("close", () => open.delete(socket))
    })
    server.listen(0, "localhost")
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === "object" ? (address?.port ?? 0) : 0
    const link = new NodeLink(undefined, {
      client: clients[library]?.(port) ?? expect.fail("no client"),
      replyTimeoutMs: 300,
      beforeWrites: async () => {},
      message: () => {},
      unsubscribed: () => {},
    })
    for (let attempt = 1; attempt <= 2; attempt++) {
      const sending = link.send({ type: "read" }, [["PING"]])
      await expect(sending).rejects.toThrow(/took no connection|closed/i)
      expect(taken).toBe(attempt)
      await expect.poll(() => open.size).toBe(0)
    }
  },
)
