import type { Log } from "@bellmouth/log"
import {
  fromIovalkey,
  fromNodeRedis,
  openValkeyLog,
  type ValkeyClient,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { describe, expect, test } from "vitest"
import { startProxy } from "./proxy.ts"
import { hasServer, startServer } from "./server.ts"

const ALWAYS = { appendonly: "yes", appendfsync: "always" }
const LARGE = 66_000
const KILLS = Number(process.env["KILL_CYCLES"] ?? 100)

const CLIENTS: Readonly<Record<string, (port: number) => ValkeyClient>> = {
  iovalkey: (port) => fromIovalkey(new Redis({ host: "127.0.0.1", port, lazyConnect: true })),
  redis(port) {
    const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
    return fromNodeRedis(createClient({ socket: { host: "127.0.0.1", port }, commandOptions }))
  },
}

describe.skipIf(!(await hasServer()))("replies that are lost", () => {
  for (const [name, clientOf] of Object.entries(CLIENTS))
    for (const size of [1, LARGE]) {
      test(`${name}: a connection cut at every byte of a reply loses and repeats nothing, records of ${size} bytes`, async () => {
        const textOf = (n: number): string => `${n}`.padEnd(size, ".")
        await using server = await startServer({ settings: ALWAYS })
        await using proxy = await startProxy(server.host, server.port)
        await using log = await openValkeyLog(clientOf(proxy.port), "cut")
        const pipe = log.append()
        const [writer, acks] = [pipe.writable.getWriter(), pipe.readable.getReader()]
        const append = async (n: number): Promise<void> => {
          void writer.write(new TextEncoder().encode(textOf(n)))
          expect((await acks.read()).value).toEqual({ offset: n, count: 1, level: "disk" })
        }
        // The script is known to the server then, and its reply as long as all that follow.
        for (let n = 0; n < 10; n++) await append(n)
        let n = 10
        let cutAt = 0
        for (; cutAt < 400; cutAt++) {
          const before = proxy.cuts
          proxy.arm(cutAt)
          await append(n++)
          if (proxy.cuts === before) break
        }
        // The reply is `stored`, an offset, and the two numbers of WAITAOF; those of a transaction are more.
        expect(cutAt).toBeGreaterThan(size === 1 ? 25 : 80)
        expect(cutAt).toBeLessThan(400)
        expect(proxy.cuts).toBe(cutAt)
        proxy.arm(1_000_000)
        for (let byte = 0; byte < 40; byte++) {
          proxy.arm(byte * 7)
          expect((await records(log)).slice(-1)).toEqual([textOf(n - 1)])
        }
        expect(await records(log)).toEqual(Array.from({ length: n }, (_, each) => textOf(each)))
        expect(await server.admin.hget(`${log.key}:head`, "tail")).toBe(`${n}`)
        await writer.close()
      })
    }

  test(`a server killed ${KILLS} times loses nothing that was acknowledged, and repeats nothing`, {
    timeout: 400_000,
  }, async () => {
    await using server = await startServer({ settings: ALWAYS })
    const client = CLIENTS["iovalkey"]?.(server.port) ?? expect.fail("no client")
    const log = await openValkeyLog(client, "killed")
    const reader = await openValkeyLog(client, "killed", { mode: "read" })
    const seen: string[] = []
    const following = (async () => {
      for await (const { data } of reader.replay({ follow: true })) seen.push(text(data))
    })()
    following.catch(() => {})
    let acknowledged = 0
    let isOver = false
    const goal = { count: 0, reached: (): void => {} }
    const produce = async (id: number): Promise<void> => {
      const { readable, writable } = log.append(
        id % 2 === 0 ? {} : { producer: { id: `${id}`, epoch: 0 } },
      )
      const [writer, acks] = [writable.getWriter(), readable.getReader()]
      for (let n = 0; !isOver; n++) {
        // Those of some are so large that they do not pass through a script.
        const record = `${id}/${n}`.padEnd(id < 2 ? LARGE : 1, ".")
        void writer.write(new TextEncoder().encode(record))
        const { value } = await acks.read()
        expect(value?.level).toBe("disk")
        acknowledged++
        if (acknowledged === goal.count) goal.reached()
      }
      await writer.close()
    }
    const producing = Promise.all(Array.from({ length: 8 }, (_, id) => produce(id)))
    producing.catch(() => {})
    const floors: number[] = []
    let transactions = 0
    for (let cycle = 0; cycle < KILLS; cycle++) {
      const before = acknowledged
      const enough = Promise.withResolvers<void>()
      Object.assign(goal, { count: before + 1 + 5 * (cycle % 20), reached: enough.resolve })
      await enough.promise
      const stats = await server.admin.info("commandstats")
      transactions += Number(/cmdstat_rename:calls=(\d+)/.exec(stats)?.[1] ?? 0) / 2
      await server.kill()
      floors.push(acknowledged - before)
      await server.start()
    }
    isOver = true
    await producing
    const all = await records(log)
    // Each of the eight goes on only when its record was acknowledged.
    expect(all.length).toBe(acknowledged)
    expect(new Set(all).size).toBe(all.length)
    for (let id = 0; id < 8; id++) {
      const own = all.filter((record) => record.startsWith(`${id}/`))
      expect(own.map((record) => record.replace(/\.+$/, ""))).toEqual(
        Array.from(own, (_, n) => `${id}/${n}`),
      )
    }
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(all.length)
    expect(seen).toEqual(all)
    expect(floors.every((count) => count > 0)).toBe(true)
    expect(transactions).toBeGreaterThan(KILLS)
    console.log(`kills: ${KILLS}, acknowledged: ${acknowledged}, transactions: ${transactions}`)
    await reader.close()
    await log.close()
  })
})

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data)
}

async function records(log: Log): Promise<string[]> {
  const all: string[] = []
  for await (const { data } of log.replay()) all.push(text(data))
  return all
}
