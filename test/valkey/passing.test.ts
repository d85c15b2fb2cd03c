import {
  fromIovalkey,
  fromNodeRedis,
  openValkeyLog,
  type ValkeyClient,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

const clients: Record<string, (server: Server) => ValkeyClient> = {
  iovalkey: ({ host, port }) => fromIovalkey(new Redis({ host, port, lazyConnect: true })),
  redis({ host, port }) {
    const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
    return fromNodeRedis(createClient({ socket: { host, port }, commandOptions }))
  },
}

describe.skipIf(!(await hasServer()))("what a server refuses for a while", () => {
  test("too few replicas: the write waits until there are enough again", async () => {
    await using server = await startServer()
    const client = clients["iovalkey"]?.(server) ?? expect.fail("no client")
    await using log = await openValkeyLog(client, "waiting")
    await log.appendBatch(new Uint8Array(1))
    for (const size of [1, 100_000]) {
      await server.admin.config("SET", "min-replicas-to-write", "1")
      await server.admin.config("RESETSTAT")
      const appending = log.appendBatch(new Uint8Array(size))
      const refused = async (): Promise<string> => server.admin.info("errorstats")
      await expect.poll(refused).toContain("errorstat_NOREPLICAS")
      await server.admin.config("SET", "min-replicas-to-write", "0")
      expect(await appending).toMatchObject({ count: 1 })
    }
    expect(await log.tail()).toBe(3)
  })

  test.each(Object.keys(clients))(
    "too many connections for one of %s: it is tried again",
    async (library) => {
      await using server = await startServer()
      const client = clients[library]?.(server) ?? expect.fail("no client")
      await server.admin.config("SET", "maxclients", "1")
      const opening = openValkeyLog(client, "late", { timeoutMs: 10_000 })
      opening.catch(() => {})
      const refused = async (): Promise<string> => server.admin.info("stats")
      await expect.poll(refused).toMatch(/rejected_connections:[1-9]/)
      await server.admin.config("SET", "maxclients", "100")
      await using log = await opening
      expect(await log.appendBatch(new Uint8Array(1))).toMatchObject({ offset: 0 })
    },
  )
})
