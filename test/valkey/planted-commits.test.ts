import { createHash } from "node:crypto"
import type { Log } from "@bellmouth/log"
import {
  fromIovalkey,
  openValkeyLog,
  type ValkeyArgument,
  type ValkeyClient,
} from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { APPEND_SCRIPT } from "../../packages/log-valkey/src/append/append-script.ts"
import { hasServer, type Server, startServer } from "./server.ts"

const DIGEST = sha1(APPEND_SCRIPT)

/** What a transaction must not leave out, and what it does without it. */
interface Fault {
  readonly name: string
  readonly from: string
  readonly to: string
}

const FAULTS: readonly Fault[] = [
  {
    name: "the script does not look whether the tail is that of the ids",
    from: "tonumber(ARGV[6]) ~= tail or ",
    to: "",
  },
  {
    name: "the script does not set the last id, so that entries of others are in the way",
    from: "redis.call('XSETID', records, whole(tail) .. '-18446744073709551615')",
    to: "",
  },
  {
    name: "the commands find a stream without the script's consent",
    from: "NOMKSTREAM",
    to: "",
  },
]

describe.skipIf(!(await hasServer()))("planted faults of large commits", () => {
  test("none: two writers and entries of others do no harm", async () => {
    await using server = await startServer()
    expect(await harm(server, undefined)).toEqual([])
  })

  for (const fault of FAULTS) {
    test(`${fault.name}: harm is done`, async () => {
      await using server = await startServer()
      expect(APPEND_SCRIPT.includes(fault.from) || fault.from === "NOMKSTREAM").toBe(true)
      expect(await harm(server, fault)).not.toEqual([])
    })
  }
})

/** What is wrong after large commits of two writers, and after one that entries of others are in the way of. */
async function harm(server: Server, fault: Fault | undefined): Promise<string[]> {
  const { admin, host, port } = server
  const changed = APPEND_SCRIPT.replace(fault?.from ?? "", fault?.to ?? "")
  await admin.script("LOAD", APPEND_SCRIPT)
  await admin.script("LOAD", changed)
  const client = changing(
    fromIovalkey(new Redis({ host, port, lazyConnect: true })),
    fault?.from ?? "",
    sha1(changed),
  )
  const found: string[] = []
  const note = (what: string) => (error: unknown) => {
    found.push(`${what}: ${String(error)}`)
  }
  const left = await openValkeyLog(client, "log", { timeoutMs: 1_000 })
  const right = await openValkeyLog(client, "log", { timeoutMs: 1_000 })
  for (let n = 0; n < 3; n++) await append(left, 3)
  await append(right, 1).catch(note("right"))
  await append(left, 3).catch(note("left"))
  const ids = (await admin.xrange(left.key, "-", "+")).map(([id]) => id)
  if (ids.length !== 13) found.push(`${ids.length} entries`)
  const ends = ids.map((id) => Number(id.split("-")[0]))
  if (!ends.every((end, index) => end === index + 1)) found.push(`ends ${ends.join()}`)
  const other = await openValkeyLog(client, "other", { timeoutMs: 1_000 })
  for (let n = 0; n < 3; n++) await append(other, 3)
  // One of the three that come next would be before it, and two after it.
  await admin.xadd(other.key, "10-5", "field", "value")
  await append(other, 3).then(
    () => found.push("stored beside an entry of others"),
    () => {},
  )
  const entries = await admin.xlen(other.key)
  if (entries !== 10) found.push(`${entries} entries beside one of others`)
  const { tail } = await admin.hgetall(`${other.key}:head`)
  if (tail !== "9") found.push(`tail ${tail}`)
  for (const log of [left, right, other]) await log.close()
  return found
}

/** A client that sends its transactions with a fault. */
function changing(client: ValkeyClient, word: string, digest: string): ValkeyClient {
  const change = (command: readonly ValkeyArgument[]): readonly ValkeyArgument[] => {
    const [name, first, keys] = command
    if (name === "EVALSHA" && first === DIGEST && keys === "6") {
      return ["EVALSHA", digest, ...command.slice(2)]
    }
    return name === "XADD" ? command.filter((each) => each !== word) : command
  }
  return {
    async connect(node, events) {
      const connection = await client.connect(node, events)
      return { ...connection, send: (command) => connection.send(change(command)) }
    },
  }
}

/** Appends one batch of so many records, that take an entry each. */
async function append(log: Log, count: number): Promise<void> {
  const writer = log.writable().getWriter()
  writer.closed.catch(() => {})
  void writer.write(Array.from({ length: count }, () => new Uint8Array(70_000))).catch(() => {})
  await writer.close()
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex")
}
