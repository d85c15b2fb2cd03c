import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { collectGarbage } from "../garbage.ts"
import { hasServer, startServer } from "./server.ts"

const LOGS = 1_000
const FOLLOWERS = 10
/** The most bytes of heap that one idle follower may take. */
const MOST_BYTES = 16_384

describe.skipIf(!(await hasServer()))("many followers", () => {
  test("10,000 followers of 1,000 logs share three connections, and all are woken", async () => {
    await using server = await startServer()
    const redis = new Redis({ host: server.host, port: server.port, lazyConnect: true })
    const client = fromIovalkey(redis)
    const logs: ValkeyLog[] = []
    for (let n = 0; n < LOGS; n += 50) {
      const opening = Array.from({ length: 50 }, (_, k) => openValkeyLog(client, `log ${n + k}`))
      logs.push(...(await Promise.all(opening)))
    }
    const before = heapUsed()
    const readers = logs.flatMap((log) =>
      Array.from({ length: FOLLOWERS }, () => log.replay({ follow: true }).getReader()),
    )
    const reads = readers.map((reader) => reader.read())
    const channels = async (): Promise<number> =>
      ((await server.admin.call("PUBSUB", "SHARDCHANNELS")) as unknown[]).length
    await expect.poll(channels, { timeout: 30_000 }).toBe(LOGS)
    const connections = String(await server.admin.client("LIST"))
      .trim()
      .split("\n")
    // One to write, one to read, one to be woken by, and the one that asks here.
    expect(connections.length).toBe(4)
    const commands = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await server.admin.info("stats"))?.[1])
    await settled(commands)
    const each = (heapUsed() - before) / readers.length
    const idle = await commands()
    await settled(async () => 0)
    // The one that is asked with.
    expect((await commands()) - idle).toBeLessThanOrEqual(1)

    const woken = Promise.all(reads)
    for (const [n, log] of logs.entries()) {
      const writer = log.writable().getWriter()
      await writer.write(new TextEncoder().encode(`${n}`))
      await writer.close()
    }
    const entries = await woken
    const seen = entries.map(({ value }) => Number(new TextDecoder().decode(value?.data)))
    expect(seen).toEqual(readers.map((_, n) => Math.floor(n / FOLLOWERS)))
    await Promise.all(readers.map((reader) => reader.cancel()))
    await expect.poll(channels, { timeout: 10_000 }).toBe(0)
    await Promise.all(logs.map((log) => log.close()))
    await expect
      .poll(
        async () =>
          String(await server.admin.client("LIST"))
            .trim()
            .split("\n").length,
      )
      .toBe(1)
    console.log(`followers: ${readers.length}, bytes of heap for each: ${Math.round(each)}`)
    expect(each).toBeLessThan(MOST_BYTES)
  })
})

/** Waits until a number stays as it is, but for what asking adds. */
async function settled(count: () => Promise<number>): Promise<void> {
  for (let last = await count(), quiet = 0; quiet < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const next = await count()
    quiet = next - last <= 1 ? quiet + 1 : 0
    last = next
  }
}

function heapUsed(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
