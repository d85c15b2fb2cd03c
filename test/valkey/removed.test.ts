import type { Log } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

describe.skipIf(!(await hasServer()))("what was removed from the server", () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())
  const setup = (): { server: Server; client: ValkeyClient } => {
    const { host, port } = server ?? expect.fail("no server")
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    return { server: server ?? expect.fail("no server"), client }
  }

  /** Removes a log, and makes another of its name with other records. */
  async function replace(
    { server, client }: ReturnType<typeof setup>,
    log: Log & { key: string; name: string },
    records: readonly string[],
  ): Promise<Log> {
    await server.admin.del(...(await server.admin.keys(`${log.key}*`)))
    const other = await openValkeyLog(client, log.name)
    await append(other, records)
    return other
  }

  test("a follower is never given the records of another log that was made in the place of its own", async () => {
    const at = setup()
    await using log = await openValkeyLog(at.client, "followed")
    await append(log, ["old 0", "old 1"])
    const reader = log.replay({ follow: true }).getReader()
    for (let n = 0; n < 2; n++) await reader.read()
    const next = reader.read()
    next.catch(() => {})
    await expect.poll(() => at.server.admin.call("PUBSUB", "SHARDCHANNELS")).toContain(log.key)
    await using _ = await replace(at, log, ["new 0", "new 1", "new 2", "new 3"])
    await expect(next).rejects.toMatchObject({ code: "NOT_A_LOG" })
  })

  test("a replay that reads history is not either", async () => {
    const at = setup()
    await using log = await openValkeyLog(at.client, "read")
    const records = Array.from({ length: 80 }, (_, n) => `old ${n}`.padEnd(100_000))
    await append(log, records)
    const reader = log.replay().getReader()
    const seen = new Set<string>()
    const read = async (): Promise<boolean> => {
      const { value } = await reader.read()
      seen.add(new TextDecoder().decode(value?.data).slice(0, 3))
      return value !== undefined
    }
    await read()
    await using _ = await replace(
      at,
      log,
      records.map((text) => text.replace("old", "new")),
    )
    const reading = (async () => {
      while (await read());
    })()
    await expect(reading).rejects.toMatchObject({ code: "NOT_A_LOG" })
    expect([...seen]).toEqual(["old"])
  })

  test("records that are gone from beneath their log are CORRUPT for replays and followers, and not an end", async () => {
    const { server, client } = setup()
    await using log = await openValkeyLog(client, "gone")
    await append(log, ["a", "b", "c"])
    await server.admin.del(log.key)
    const gone = { code: "CORRUPT", offset: 0 }
    await expect(Array.fromAsync(log.replay())).rejects.toMatchObject(gone)
    await expect(Array.fromAsync(log.replay({ follow: true }))).rejects.toMatchObject(gone)
    expect(await Array.fromAsync(log.replay({ from: "tail" }))).toEqual([])
    await append(log, ["d"])
    await expect(Array.fromAsync(log.replay())).rejects.toMatchObject(gone)
    expect((await Array.fromAsync(log.replay({ from: { last: 1 } }))).length).toBe(1)
  })
})

async function append(log: Log, records: readonly string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const record of records) await writer.write(new TextEncoder().encode(record))
  await writer.close()
}
