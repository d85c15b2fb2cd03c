import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

const BY_ITSELF = { appendonly: "yes", appendfsync: "always", "aof-load-truncated": "yes" }

for (const kind of ["valkey", "redis"] as const)
  describe.skipIf(!(await hasServer(kind)))(`${kind}, which cuts its file by itself`, () => {
    test("rewrites it once for level disk, however many logs there are, and never for readers", async () => {
      await using server = await startServer({ kind, settings: BY_ITSELF })
      const { admin, host, port } = server
      const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
      const rewrites = async (): Promise<number> => {
        const stats = await admin.info("commandstats")
        return Number(/cmdstat_bgrewriteaof:calls=(\d+)/.exec(stats)?.[1] ?? 0)
      }
      await using lax = await openValkeyLog(client, "lax", { level: "process" })
      await using reader = await openValkeyLog(client, "lax", { mode: "read" })
      expect([await rewrites(), lax.level, reader.supports.append]).toEqual([0, "process", false])
      await using first = await openValkeyLog(client, "first")
      await using second = await openValkeyLog(client, "second", { level: "disk" })
      expect([await rewrites(), first.level, second.level]).toEqual([1, "disk", "disk"])
    })

    test("gives level process where it may not be asked to", async () => {
      await using server = await startServer({ kind, settings: BY_ITSELF })
      const { admin, host, port } = server
      await admin.call("ACL", "SETUSER", "some", "on", ">x", "~*", "&*", "+@all", "-bgrewriteaof")
      const login = { username: "some", password: "x" }
      const client = fromIovalkey(new Redis({ host, port, lazyConnect: true, ...login }))
      await using log = await openValkeyLog(client, "log")
      expect(log.level).toBe("process")
      await expect(openValkeyLog(client, "log", { level: "disk" })).rejects.toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringContaining("aof-load-truncated no"),
      })
    })
  })
