import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

describe.skipIf(!(await hasServer()))("a log that is opened at a replica", () => {
  test("waits until that takes over, and has the level that it gives then", async () => {
    const settings = { appendonly: "yes", "repl-diskless-sync-delay": "0" }
    await using primary = await startServer({ settings })
    await using replica = await startServer({ settings })
    const { host, port } = replica
    await replica.admin.replicaof(primary.host, primary.port)
    const isLinked = async (): Promise<string> => replica.admin.info("replication")
    await expect.poll(isLinked, { timeout: 20_000 }).toContain("master_link_status:up")
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    const opening = openValkeyLog(client, "taken over")
    const commands = (): Promise<string> => replica.admin.info("commandstats")
    // It has tried to write.
    await expect.poll(commands, { timeout: 20_000 }).toMatch(/evalsha:.*rejected_calls=[1-9]|eval:/)
    await replica.admin.replicaof("NO", "ONE")
    await using log = await opening
    expect(log.level).toBe("disk")
    expect(await log.appendBatch(new Uint8Array(3))).toMatchObject({ offset: 0, level: "disk" })
  })
})
