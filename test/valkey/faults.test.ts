import type { Log } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

const HOSTILE = [
  "a\r\nFLUSHALL\r\n",
  "{a}b",
  "*",
  "a{",
  "}{",
  "\0",
  "../..",
  "a b",
  "$-1\r\n",
  "é",
  "e\u0301",
  "x".repeat(512),
]

describe.skipIf(!(await hasServer()))("faults of a log in Valkey", () => {
  let server: Server | undefined
  let client: ValkeyClient | undefined
  beforeAll(async () => {
    server = await startServer({ settings: { appendonly: "yes", appendfsync: "always" } })
    client = connectTo(server)
  })
  afterAll(() => server?.stop())

  function connectTo({ host, port }: Server): ValkeyClient {
    return fromIovalkey(new Redis({ host, port, lazyConnect: true }))
  }
  const setup = (): { client: ValkeyClient; admin: Redis } => ({
    client: client ?? expect.fail("no client"),
    admin: server?.admin ?? expect.fail("no server"),
  })

  test("a full server is WRITE_FAILED that says so, and nothing is half-written", async () => {
    const { client, admin } = setup()
    const log = await openValkeyLog(client, "full")
    await append(log, ["before"])
    const key = log.key
    const dump = async (): Promise<unknown[]> => [
      await admin.xrangeBuffer(key, "-", "+"),
      await admin.hgetall(`${key}:head`),
      await admin.hgetall(`${key}:producers`),
    ]
    const before = await dump()
    await admin.config("SET", "maxmemory", "1")
    try {
      const error = await append(log, ["a", "b"], { id: "till", epoch: 0 }).catch((e) => e)
      expect(error).toMatchObject({ code: "WRITE_FAILED", path: key })
      expect(error.message).toMatch(
        /memory limit of the server is reached, and nothing was changed/,
      )
      expect(await dump()).toEqual(before)
      await expect(append(log, ["c"])).rejects.toMatchObject({ code: "POISONED" })
      expect(await texts(log)).toEqual(["before"])
    } finally {
      await admin.config("SET", "maxmemory", "0")
    }
    await log.close()
    await using again = await openValkeyLog(client, "full")
    await append(again, ["after"])
    expect(await texts(again)).toEqual(["before", "after"])
  })

  test("something else at any key of a log is NOT_A_LOG, and stays as it is", async () => {
    const { client, admin } = setup()
    for (const [suffix, type] of [
      ["", "records"],
      [":head", "head"],
    ] as const) {
      const key = `bellmouth:{n-taken-${type}}${suffix}`
      await admin.set(key, "text")
      const opening = openValkeyLog(client, `taken-${type}`)
      await expect(opening).rejects.toMatchObject({ code: "NOT_A_LOG" })
      expect(await admin.get(key)).toBe("text")
      expect(await admin.keys(`bellmouth:{n-taken-${type}}*`)).toEqual([key])
    }
    for (const suffix of ["", ":producers", ":batches"]) {
      const name = `turned${suffix.slice(1)}`
      await using log = await openValkeyLog(client, name)
      await admin.set(`${log.key}${suffix}`, "text")
      const appending = append(log, ["a"], { id: "till", epoch: 0 })
      await expect(appending).rejects.toMatchObject({ code: "NOT_A_LOG" })
      const { tail } = await admin.hgetall(`${log.key}:head`)
      expect(tail).toBe("0")
      expect(await admin.get(`${log.key}${suffix}`)).toBe("text")
    }
    await expect(openValkeyLog(client, "no such log", { mode: "read" })).rejects.toMatchObject({
      code: "NOT_A_LOG",
    })
  })

  test("a stream that has entries of others takes no record, and nothing is half-written", async () => {
    const { client, admin } = setup()
    await using log = await openValkeyLog(client, "mixed")
    await admin.xadd(log.key, "*", "field", "value")
    await expect(append(log, ["a"])).rejects.toMatchObject({ code: "WRITE_FAILED" })
    expect((await admin.hgetall(`${log.key}:head`))["tail"]).toBe("0")
    expect(await admin.xlen(log.key)).toBe(1)
    await expect(openValkeyLog(client, "later", {})).resolves.toBeDefined()
    await admin.hset("bellmouth:{n-later}:head", "version", "2")
    await expect(openValkeyLog(client, "later")).rejects.toMatchObject({
      code: "UNSUPPORTED_VERSION",
    })
  })

  test("a log that was removed, or made anew, ends writers and readers", async () => {
    const { client, admin } = setup()
    const log = await openValkeyLog(client, "removed", { pollMs: 20 })
    await append(log, ["a"])
    const follower = texts(log, { from: "tail", follow: true })
    follower.catch(() => {})
    await admin.del(...(await admin.keys(`${log.key}*`)))
    await expect(log.tail()).rejects.toMatchObject({ code: "NOT_A_LOG" })
    await using fresh = await openValkeyLog(client, "removed")
    expect(fresh.id).not.toBe(log.id)
    await expect(append(log, ["b"])).rejects.toMatchObject({ code: "NOT_A_LOG" })
    await append(fresh, ["new"])
    expect(await texts(fresh)).toEqual(["new"])
    await log.close()
    await expect(follower).rejects.toMatchObject({
      code: expect.stringMatching(/NOT_A_LOG|CLOSED/),
    })
  })

  test("a server that has lost acknowledged records is CORRUPT, for the writer and a follower", async () => {
    const { client, admin } = setup()
    const log = await openValkeyLog(client, "lost", { pollMs: 20 })
    await append(log, ["a", "b", "c"])
    const reader = log.replay({ follow: true }).getReader()
    for (let n = 0; n < 3; n++) await reader.read()
    const follower = reader.read()
    follower.catch(() => {})
    await admin.call("XTRIM", log.key, "MAXLEN", "0")
    await admin.hset(`${log.key}:head`, "tail", "1")
    await expect(follower).rejects.toMatchObject({ code: "CORRUPT", offset: 1 })
    await expect(append(log, ["d"])).rejects.toMatchObject({ code: "CORRUPT", offset: 1 })
    await log.close()
  })

  test("two writers: a producer that has moved on is fenced where it was", async () => {
    const { client } = setup()
    await using left = await openValkeyLog(client, "fenced")
    await using right = await openValkeyLog(client, "fenced")
    await append(left, ["0", "1"], { id: "till", epoch: 0 })
    await append(right, ["1", "2"], { id: "till", epoch: 0, sequence: 1 })
    await append(right, ["3"], { id: "till", epoch: 1 })
    const late = append(left, ["late"], { id: "till", epoch: 0, sequence: 3 })
    await expect(late).rejects.toMatchObject({ code: "FENCED", epoch: 1 })
    await append(left, ["by nobody"])
    expect(await texts(right)).toEqual(["0", "1", "2", "3", "by nobody"])
  })

  test("hostile names: the server is sent the expected commands, and no others", async () => {
    const own = await startServer()
    const seen: string[][] = []
    const monitor = await own.admin.monitor()
    monitor.on("monitor", (_time: string, args: string[]) => seen.push(args))
    const keys = new Set<string>()
    for (const name of HOSTILE) {
      await using log = await openValkeyLog(connectTo(own), name)
      await append(log, [name.slice(0, 9)], { id: name, epoch: 0 })
      await append(log, ["1"], { id: name, epoch: 1 })
      const large = [..."ab"].map((letter) => letter.repeat(100_000))
      await append(log, large, { id: name, epoch: 2 })
      await append(log, large, { id: name, epoch: 3 })
      expect(await texts(log)).toEqual([name.slice(0, 9), "1", ...large, ...large])
      expect(log.key).toMatch(/^bellmouth:\{[a-z0-9_-]+\}$/)
      keys.add(log.key)
    }
    await own.admin.call("echo", "end")
    await expect.poll(() => seen.at(-1)?.[1]).toBe("end")
    monitor.disconnect()
    await own.stop()
    expect(keys.size).toBe(HOSTILE.length)
    const commands = new Set(seen.map(([command = ""]) => command.toLowerCase()))
    const wanted = "client,cluster,config,echo,eval,evalsha,exists,hget,hlen,hmget,hset,set,get"
    const large = "exec,multi,rename,xadd,xsetid"
    const rest = `hdel,spublish,waitaof,xlen,xrange,${large}`
    const expected = new Set(`${wanted},${rest}`.split(","))
    expect([...commands].filter((command) => !expected.has(command))).toEqual([])
    for (const command of large.split(",")) expect(commands).toContain(command)
    for (const [command = "", first = ""] of seen) {
      if (
        /^(hget|hlen|hmget|hset|hdel|set|get|xadd|xlen|xrange|xsetid|rename|spublish)$/i.test(
          command,
        )
      ) {
        expect(first).toMatch(/^bellmouth:\{[a-z0-9_-]+\}(:[a-z]+(:[0-9a-f-]+)?)?$/)
      }
    }
    expect(seen.length).toBeGreaterThan(HOSTILE.length * 20)
  })

  test("options that can not be are refused", async () => {
    const { client } = setup()
    for (const options of [
      { prefix: "a{b" },
      { prefix: "x".repeat(257) },
      { maxBatchBytes: 0 },
      { timeoutMs: 0 },
      { pollMs: 2 ** 31 },
      { replicas: -1 },
      { mode: "append" },
      { level: "memory" },
    ]) {
      const opening = openValkeyLog(client, "options", options as never)
      await expect(opening, JSON.stringify(options)).rejects.toThrow(RangeError)
    }
    await expect(openValkeyLog(client, "\ud800")).rejects.toThrow(RangeError)
    const text = fromIovalkey(new Redis({ lazyConnect: true }))
    await expect(openValkeyLog(text, "x", { timeoutMs: 30 })).rejects.toMatchObject({
      code: "WRITE_FAILED",
    })
    await using own = await startServer()
    const asking = openValkeyLog(connectTo(own), "no file", { level: "disk" })
    await expect(asking).rejects.toMatchObject({ code: "UNSUPPORTED" })
  })
})

async function append(
  log: Log,
  records: readonly string[],
  producer?: { id: string; epoch: number; sequence?: number },
): Promise<void> {
  const writer = log.writable(producer === undefined ? {} : { producer }).getWriter()
  writer.closed.catch(() => {})
  for (const record of records) await writer.write(new TextEncoder().encode(record))
  await writer.close()
}

async function texts(log: Log, options: Parameters<Log["replay"]>[0] = {}): Promise<string[]> {
  const seen: string[] = []
  for await (const { data } of log.replay(options)) seen.push(new TextDecoder().decode(data))
  return seen
}
