import type { Log } from "@bellmouth/log"
import {
  fromIovalkey,
  openValkeyLog,
  type ValkeyArgument,
  type ValkeyClient,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

type Send = (command: readonly ValkeyArgument[]) => Promise<unknown>

/** A client whose commands pass through a function. */
function through(
  client: ValkeyClient,
  pass: (command: readonly ValkeyArgument[], send: Send) => Promise<unknown>,
): ValkeyClient {
  return {
    async connect(node, events) {
      const connection = await client.connect(node, events)
      return { ...connection, send: (command) => pass(command, (words) => connection.send(words)) }
    },
  }
}

/** Whether a command stores a commit: five keys, the third of a writer. */
function isCommit([name, , keys, , , writer]: readonly ValkeyArgument[]): boolean {
  return String(name).startsWith("EVAL") && keys === "5" && String(writer).includes(":writer:")
}

describe.skipIf(!(await hasServer()))("acknowledgements of a log in Valkey", () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startServer({ settings: { appendonly: "yes", appendfsync: "always" } })
  })
  afterAll(() => server?.stop())
  const connect = (): ValkeyClient => {
    const { host, port } = server ?? expect.fail("no server")
    return fromIovalkey(new Redis({ host, port, lazyConnect: true }))
  }

  for (const [fault, change, stored] of [
    ["a reply that was lost", (command: readonly ValkeyArgument[]) => command, 20],
    // The planted fault: a number of its own for each attempt.
    ["a writer that counts attempts", withOtherNumber(), 40],
  ] as const) {
    test(`${fault}: each record is there ${stored / 20} times`, async () => {
      let losses = 0
      let isSecond = false
      const client = through(connect(), async (command, send) => {
        if (!isCommit(command)) return send(command)
        const reply = await send(change(command))
        isSecond = !isSecond
        if (!isSecond) return reply
        losses++
        throw new Error("the reply was lost")
      })
      await using log = await openValkeyLog(client, fault)
      for (let n = 0; n < 20; n++) await append(log, `${n}`)
      expect(await log.tail()).toBe(stored)
      // The first is lost before the server knows the script, too.
      expect(losses).toBeGreaterThanOrEqual(20)
    })
  }

  test("a commit that comes again after a later one does nothing", async () => {
    const seen: (readonly ValkeyArgument[])[] = []
    const client = through(connect(), (command, send) => {
      if (isCommit(command) && command[0] === "EVALSHA") seen.push([...command])
      return send(command)
    })
    await using log = await openValkeyLog(client, "late")
    for (let n = 0; n < 4; n++) await append(log, `${n}`)
    const admin = server?.admin ?? expect.fail("no server")
    for (const [index, command] of seen.entries()) {
      const words = command
        .slice(1)
        .map((word) => (typeof word === "string" ? word : Buffer.from(word)))
      const reply = (await admin.call("EVALSHA", ...words)) as string[]
      expect(reply).toEqual(index === seen.length - 1 ? ["stored", "3"] : ["late"])
    }
    expect(await log.tail()).toBe(4)
  })

  test("a writer is remembered for longer than it tries again", async () => {
    const admin = server?.admin ?? expect.fail("no server")
    for (const timeoutMs of [1_000, 36_000_000]) {
      await using log = await openValkeyLog(connect(), `patient ${timeoutMs}`, { timeoutMs })
      await append(log, "once")
      const [key = ""] = await admin.keys(`${log.key}:writer:*`)
      expect(await admin.pttl(key)).toBeGreaterThan(timeoutMs + 3_500_000)
    }
  })

  test("WAITAOF that counts nobody is no acknowledgement: it is asked again, and fails in the end", async () => {
    let refusals = 3
    let commits = 0
    const client = through(connect(), async (command, send) => {
      if (isCommit(command)) commits++
      if (command[0] !== "WAITAOF" || refusals <= 0) return send(command)
      refusals--
      return [0, 0]
    })
    refusals = 0
    await using log = await openValkeyLog(client, "not yet", { timeoutMs: 300 })
    await append(log, "first")
    refusals = 3
    commits = 0
    await append(log, "later")
    // Once, and once more for each refusal: what waits has to have written.
    expect([commits, refusals]).toEqual([4, 0])
    expect(await log.tail()).toBe(2)
    refusals = Number.POSITIVE_INFINITY
    await expect(append(log, "never")).rejects.toMatchObject({
      code: "WRITE_FAILED",
      message: expect.stringContaining("WAITAOF counts 0 of 1"),
    })
    refusals = 0
  })

  test("a server that is made a replica while it waits for the disk is asked again", async () => {
    let changes = 0
    const client = through(connect(), async (command, send) => {
      if (command[0] !== "WAITAOF" || changes === 0) return send(command)
      changes--
      throw new Error(
        "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
      )
    })
    await using log = await openValkeyLog(client, "made a replica")
    for (const [index, record] of ["small", "large".padEnd(70_000)].entries()) {
      changes = 3
      await append(log, record)
      expect(changes).toBe(0)
      expect(await log.tail()).toBe(index + 1)
    }
  })

  test("a batch that is sent again is acknowledged by a write of its own", async () => {
    const commands: string[] = []
    const client = through(connect(), (command, send) => {
      if (isCommit(command) || command[0] === "WAITAOF") commands.push(String(command[0]))
      return send(command)
    })
    await using log = await openValkeyLog(client, "again")
    const producer = { id: "till", epoch: 0 }
    await append(log, "a", producer)
    commands.length = 0
    await append(log, "a", producer)
    // The first finds that it is stored, the second writes, and waits for the disk.
    expect(commands.filter((command) => command === "WAITAOF").length).toBe(2)
    expect(await log.tail()).toBe(1)
  })
})

function withOtherNumber(): (command: readonly ValkeyArgument[]) => readonly ValkeyArgument[] {
  let number = 1_000
  return (command) => command.map((word, index) => (index === 9 ? `${number++}` : word))
}

async function append(
  log: Log,
  text: string,
  producer?: { id: string; epoch: number },
): Promise<void> {
  const writer = log.writable(producer === undefined ? {} : { producer }).getWriter()
  writer.closed.catch(() => {})
  await writer.write(new TextEncoder().encode(text))
  await writer.close()
}
