import { type Log, LogError, toOffset } from "@bellmouth/log"
import {
  fromIovalkey,
  fromNodeRedis,
  openValkeyLog,
  type ValkeyClient,
  type ValkeyLog,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Kind, type Server, startServer } from "./server.ts"

const SIZE = 70_000
const SETTINGS = { appendonly: "yes", appendfsync: "always" }

type ClientOf = (port: number, user?: string) => ValkeyClient

const iovalkey: ClientOf = (port, username) =>
  fromIovalkey(
    new Redis({
      host: "127.0.0.1",
      port,
      lazyConnect: true,
      ...(username !== undefined && { username, password: "x" }),
    }),
  )

const nodeRedis: ClientOf = (port) => {
  const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
  return fromNodeRedis(createClient({ socket: { host: "127.0.0.1", port }, commandOptions }))
}

for (const [name, kind, clientOf] of [
  ["Valkey, by iovalkey", "valkey", iovalkey],
  ["Valkey, by node-redis", "valkey", nodeRedis],
  ["Redis 7.0, by iovalkey", "redis", iovalkey],
] as const)
  await describeLargeCommits(name, kind, clientOf)

/** Records that do not pass through a script: all that holds of the others holds of them. */
async function describeLargeCommits(name: string, kind: Kind, clientOf: ClientOf): Promise<void> {
  describe.skipIf(!(await hasServer(kind)))(`large commits, ${name}`, () => {
    let server: Server | undefined
    beforeAll(async () => {
      server = await startServer({ kind, settings: SETTINGS })
    })
    afterAll(() => server?.stop())
    const setup = (): { client: ValkeyClient; admin: Redis; port: number } => {
      const { port, admin } = server ?? expect.fail("no server")
      return { client: clientOf(port), admin, port }
    }
    /** How many transactions there were with records in them. */
    const transactions = async (): Promise<number> => {
      const stats = await setup().admin.info("commandstats")
      return Number(/cmdstat_rename:calls=(\d+)/.exec(stats)?.[1] ?? 0) / 2
    }

    test("go in one transaction each, with their producers, and read back the same", async () => {
      const { client, admin } = setup()
      await using log = await openValkeyLog(client, "many")
      const before = await transactions()
      const wanted: string[] = []
      for (let n = 0; n < 20; n++) {
        const records = Array.from({ length: 1 + (n % 4) }, (_, each) => record(10 * n + each))
        if (n % 3 === 1) records.push(`${n}\n${"b".repeat(n)}`)
        wanted.push(...records)
        await append(log, [records], n % 2 === 0 ? undefined : { id: "till", epoch: n })
      }
      expect(await texts(log)).toEqual(wanted)
      expect(await log.tail()).toBe(wanted.length)
      expect((await transactions()) - before).toBeGreaterThan(15)
      expect(await admin.keys(`${log.key}*`)).not.toContain(`${log.key}:aside`)
      // What is sent twice is stored once.
      await append(log, [[record(1), record(2)]], { id: "till", epoch: 99 })
      await append(log, [[record(1), record(2)], [record(3)]], { id: "till", epoch: 99 })
      expect((await texts(log)).slice(wanted.length)).toEqual([1, 2, 3].map(record))
    })

    test("two writers: every commit is stored once, and none within another", async () => {
      const { client, port } = setup()
      await using left = await openValkeyLog(client, "both")
      await using right = await openValkeyLog(clientOf(port), "both")
      const before = await transactions()
      const write = async (log: ValkeyLog, side: string): Promise<void> => {
        for (let n = 0; n < 40; n++) {
          await append(log, [[`${side}${n}`, record(n)]])
          // Alone for a while, and at the same time for a while.
          if (n === 10) await append(left, [["a", record(0)]])
        }
      }
      for (let n = 0; n < 5; n++) await append(left, [[`alone ${n}`, record(n)]])
      await Promise.all([write(left, "left "), write(right, "right ")])
      const all = await texts(right)
      expect(all.length).toBe(2 * (5 + 80 + 2))
      for (const side of ["left", "right"]) {
        const own = all.filter((text) => text.startsWith(side))
        expect(own).toEqual(Array.from({ length: 40 }, (_, n) => `${side} ${n}`))
      }
      for (const [index, text] of all.entries()) {
        const n = /^(?:left|right) (\d+)$/.exec(text)?.[1]
        if (n !== undefined) expect(all[index + 1]).toBe(record(Number(n)))
      }
      expect((await transactions()) - before).toBeGreaterThan(3)
    })

    test("an expected tail, a seal, and a log that was removed are told as ever", async () => {
      const { client, admin } = setup()
      await using log = await openValkeyLog(client, "refused")
      await using other = await openValkeyLog(client, "refused")
      for (let n = 0; n < 3; n++) await append(log, [[record(n)]])
      await append(other, [["in between"]])
      const writer = log.append({ expectedTail: toOffset(3) }).writable.getWriter()
      writer.closed.catch(() => {})
      const writing = writer.write(bytes(record(3))).then(() => writer.close())
      await expect(writing).rejects.toMatchObject({ code: "TAIL_MISMATCH", offset: 4 })
      await append(log, [[record(4)]])
      await append(log, [[record(5)]])
      await other.seal()
      await expect(append(log, [[record(6)]])).rejects.toMatchObject({ code: "SEALED" })
      expect(await log.tail()).toBe(6)
      await using gone = await openValkeyLog(client, "gone")
      for (let n = 0; n < 3; n++) await append(gone, [[record(n)]])
      await admin.del(...(await admin.keys(`${gone.key}*`)))
      await expect(append(gone, [[record(3)]])).rejects.toMatchObject({ code: "NOT_A_LOG" })
      expect(await admin.keys(`${gone.key}*`)).toEqual([])
    })

    test("a full server, another type and entries of others leave nothing half-written", async () => {
      const { client, admin } = setup()
      const faults: readonly (readonly [string, string, (key: string) => Promise<unknown>])[] = [
        ["full", "WRITE_FAILED", () => admin.config("SET", "maxmemory", "1")],
        ["type", "NOT_A_LOG", (key) => admin.set(key, "text")],
        ["batches", "NOT_A_LOG", (key) => admin.set(`${key}:batches`, "text")],
        ["others", "WRITE_FAILED", (key) => admin.xadd(key, "*", "field", "value")],
        ["aside", "WRITE_FAILED", (key) => admin.xadd(key, "9-5", "field", "value")],
      ]
      for (const [fault, code, plant] of faults) {
        await using log = await openValkeyLog(client, `fault ${fault}`)
        for (let n = 0; n < 3; n++) await append(log, [[record(n)]])
        await plant(log.key)
        const before = await dump(admin, log.key)
        const error = await append(log, [[record(3), record(4)]], { id: "till", epoch: 0 }).catch(
          (reason: unknown) => reason,
        )
        await admin.config("SET", "maxmemory", "0")
        expect(error, fault).toBeInstanceOf(LogError)
        expect(error, fault).toMatchObject({ code })
        expect(await dump(admin, log.key), fault).toEqual(before)
      }
    })

    test("a server that takes no transactions, or forgets its scripts, stores them all the same", async () => {
      const { client, admin, port } = setup()
      await admin.call("ACL", "SETUSER", "plain", "on", ">x", "~*", "&*", "+@all", "-multi")
      const plain = clientOf === iovalkey ? clientOf(port, "plain") : client
      const before = await transactions()
      await using log = await openValkeyLog(plain, "plain")
      for (let n = 0; n < 5; n++) await append(log, [[record(n)]])
      expect(await texts(log)).toEqual([0, 1, 2, 3, 4].map(record))
      if (plain !== client) expect(await transactions()).toBe(before)
      await using forgotten = await openValkeyLog(client, "forgotten")
      for (let n = 0; n < 10; n++) {
        if (n % 2 === 0) await admin.script("FLUSH")
        await append(forgotten, [[record(n)]])
      }
      expect(await texts(forgotten)).toEqual(Array.from({ length: 10 }, (_, n) => record(n)))
      expect(await admin.exists(`${forgotten.key}:aside`)).toBe(0)
    })
  })
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function record(n: number): string {
  return `${n} `.padEnd(SIZE + n, "abc")
}

/** Everything at the keys of a log; what is set anew without a change counts as the same. */
async function dump(admin: Redis, key: string): Promise<unknown> {
  const all: Record<string, unknown> = {}
  for (const each of (await admin.keys(`${key}*`)).sort()) {
    const type = await admin.type(each)
    if (type === "stream") all[each] = await admin.xrangeBuffer(each, "-", "+")
    else if (type === "hash") all[each] = await admin.hgetall(each)
    else all[each] = await admin.get(each)
  }
  return all
}

async function append(
  log: Log,
  batches: readonly (readonly string[])[],
  producer?: { id: string; epoch: number },
): Promise<void> {
  const writer = log.writable(producer === undefined ? {} : { producer }).getWriter()
  writer.closed.catch(() => {})
  for (const batch of batches) void writer.write(batch.map(bytes)).catch(() => {})
  await writer.close()
}

async function texts(log: Log): Promise<string[]> {
  const seen: string[] = []
  for await (const { data } of log.replay()) seen.push(new TextDecoder().decode(data))
  return seen
}
