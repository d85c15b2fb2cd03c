import { type Log, toOffset } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

const ALL = ["~*", "&*", "+@all"]
/** What a new user may not do, if nothing is said of channels. */
const NO_CHANNELS = ["resetchannels", "~*", "+@all"]

describe.skipIf(!(await hasServer()))("a user who may not do all that a log does", () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())
  const setup = () => {
    const { host, port, admin } = server ?? expect.fail("no server")
    const connect = (options: object): ValkeyClient =>
      fromIovalkey(new Redis({ host, port, lazyConnect: true, ...options }))
    /** Everything that there is of a log but for its readers. */
    const dump = async (key: string): Promise<string> => {
      const keys = (await admin.keys(`${key}*`)).filter((each) => !each.includes(":draft:")).sort()
      return JSON.stringify(
        await Promise.all(keys.map(async (each) => [each, await admin.dumpBuffer(each)])),
      )
    }
    const grant = (rights: readonly string[]): Promise<unknown> =>
      admin.call("ACL", "SETUSER", "some", "reset", "on", ">x", ...rights)
    return { own: connect({}), some: connect({ username: "some", password: "x" }), dump, grant }
  }

  const changes: Record<string, (log: Log, attempt: string) => Promise<unknown>> = {
    "append a small commit": (log) => log.appendBatch(new Uint8Array(10)),
    "append a large one": (log) => log.appendBatch(new Uint8Array(100_000)),
    "append as a producer": (log) =>
      log.appendBatch(new Uint8Array(10), { producer: { id: "till", epoch: 1, sequence: 0 } }),
    trim: (log) => log.trim(toOffset(1)),
    fork: (log, attempt) => log.fork(toOffset(2), `fork ${attempt}`),
    seal: (log) => log.seal(),
  }
  const denied = ["spublish", "set", "hset", "hdel", "xadd", "xtrim", "rename", "persist", "xsetid"]
  const rights: [string, readonly string[]][] = [
    ["channels", NO_CHANNELS],
    ...denied.map((command): [string, readonly string[]] => [command, [...ALL, `-${command}`]]),
  ]

  test.each(rights)("without %s each change is done whole, or not at all", async (name, given) => {
    const { own, some, dump, grant } = setup()
    let refused = 0
    for (const [what, change] of Object.entries(changes)) {
      const attempt = `${name} ${what}`
      await using log = await openValkeyLog(own, attempt)
      const producer = { id: "till", epoch: 0, sequence: 0 }
      await log.appendBatch(new Uint8Array(1), { producer })
      await log.appendBatch(new Uint8Array(1))
      await grant(ALL)
      await using limited = await openValkeyLog(some, attempt)
      // The next one goes where this has ended, so that it need not pass through a script.
      await limited.appendBatch(new Uint8Array(1))
      const before = await dump(log.key)
      await grant(given)
      const said = await change(limited, attempt).catch((error: unknown) => error)
      await grant(ALL)
      if (said instanceof Error) {
        refused++
        expect(said).toMatchObject({ code: "WRITE_FAILED" })
        expect(await dump(log.key), attempt).toBe(before)
        await using again = await openValkeyLog(own, attempt)
        await change(again, attempt)
      }
      if (what !== "seal") await log.appendBatch(new Uint8Array(1))
      const all = await Array.fromAsync(log.replay({ from: { last: 3 } }))
      expect(all.length, attempt).toBe(3)
    }
    // Without this one large commits go another way.
    if (name !== "xsetid") expect(refused).toBeGreaterThan(0)
  })
})
