import {
  fromIovalkey,
  fromNodeRedis,
  openValkeyLog,
  type ValkeyClient,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { describe, expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

/** An address of this machine that is not the one which is guessed at. */
const HOST = "127.0.0.2"

const clients: Record<string, (port: number) => ValkeyClient> = {
  iovalkey: (port) => fromIovalkey(new Redis({ host: HOST, port, lazyConnect: true })),
  redis(port) {
    const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
    return fromNodeRedis(createClient({ socket: { host: HOST, port }, commandOptions }))
  },
}

// Only Linux has all of 127.0.0.0/8 on its loopback.
describe.skipIf(process.platform !== "linux" || !(await hasServer()))("a cluster of one", () => {
  test.each(Object.keys(clients))(
    "that does not know its own address is found by %s where the client was made for",
    async (library) => {
      const settings = { "cluster-enabled": "yes", bind: `127.0.0.1 ${HOST}` }
      await using server = await startServer({ settings })
      await server.admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
      const info = async (): Promise<string> => String(await server.admin.cluster("INFO"))
      await expect.poll(info, { timeout: 10_000 }).toContain("cluster_state:ok")
      await server.admin.config("SET", "bind", HOST)
      const client = clients[library]?.(server.port) ?? expect.fail("no client")
      await using log = await openValkeyLog(client, "alone")
      expect(await log.appendBatch(new Uint8Array(3))).toMatchObject({ offset: 0 })
      expect((await Array.fromAsync(log.replay())).length).toBe(1)
    },
  )
})
