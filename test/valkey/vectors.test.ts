import { readFileSync } from "node:fs"
import type { Producer } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

interface Vector {
  readonly id: string
  readonly name: string
  /** The commits: each a list of batches, each a list of records. */
  readonly commits: readonly (readonly (readonly string[])[])[]
  readonly producer?: Producer
  readonly trim?: number
  readonly entries: readonly (readonly [key: string, ...fields: string[]])[]
  readonly head: Readonly<Record<string, string>>
  readonly producers: Readonly<Record<string, string>>
  readonly batches: Readonly<Record<string, string>>
}

const url = new URL("../vectors/log/valkey.json", import.meta.url)
const { vectors }: { vectors: readonly Vector[] } = JSON.parse(readFileSync(url, "utf8"))
const toBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe.skipIf(!(await hasServer()))("vectors of a log in Valkey", () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())
  const setup = () => {
    const { host, port, admin } = server ?? expect.fail("no server")
    return { client: fromIovalkey(new Redis({ host, port, lazyConnect: true })), admin }
  }

  test("there are vectors", () => {
    expect(vectors.length).toBeGreaterThan(5)
  })

  for (const { id, name, commits, producer, trim, ...wanted } of vectors) {
    test(`${id}, written: ${name}`, async () => {
      const { client, admin } = setup()
      await using log = await openValkeyLog(client, `write ${id}`)
      let sent = producer?.sequence ?? 0
      for (const batches of commits) {
        const options = producer && { producer: { ...producer, sequence: sent } }
        const writer = log.writable(options).getWriter()
        for (const batch of batches) void writer.write(batch.map(toBytes))
        await writer.close()
        sent += batches.length
      }
      if (trim !== undefined) await log.trim(trim as Awaited<ReturnType<typeof log.tail>>)
      const { id: _, name: __, version, ...head } = await admin.hgetall(`${log.key}:head`)
      expect(version).toBe("1")
      const stored = await admin.xrangeBuffer(log.key, "-", "+")
      const entries = stored.map(([key, [framing, bytes, ...note]]) => [
        String(key),
        String(framing),
        toHex(bytes ?? new Uint8Array()),
        ...note.map(String),
      ])
      const producers = await admin.hgetall(`${log.key}:producers`)
      const batches = await admin.hgetall(`${log.key}:batches`)
      expect({ entries, head, producers, batches }).toEqual(wanted)
    })

    test(`${id}, read: ${name}`, async () => {
      const { client, admin } = setup()
      const key = `bellmouth:{n-read_20${id}}`
      for (const [entry, framing, hex, ...note] of wanted.entries) {
        await admin.xadd(key, entry, framing ?? "", Buffer.from(hex ?? "", "hex"), ...note)
      }
      const identity = { version: "1", id: "an identity", name: `read ${id}` }
      await admin.hset(`${key}:head`, { ...identity, ...wanted.head })
      for (const [part, rows] of Object.entries({
        producers: wanted.producers,
        batches: wanted.batches,
      })) {
        if (Object.keys(rows).length > 0) await admin.hset(`${key}:${part}`, rows)
      }
      await using log = await openValkeyLog(client, `read ${id}`)
      expect(log.id).toBe("an identity")
      const read = await Array.fromAsync(log.replay())
      expect(read.map(({ data }) => toHex(data))).toEqual(commits.flat(2).slice(trim ?? 0))
      expect(read.every(({ offset }, n) => offset === n + (trim ?? 0))).toBe(true)
      if (producer === undefined) return
      const { readable, writable } = log.append({ producer })
      const writer = writable.getWriter()
      for (const batch of commits.flat()) void writer.write(batch.map(toBytes))
      await writer.close()
      expect((await Array.fromAsync(readable)).every(({ repeated }) => repeated === true)).toBe(
        true,
      )
    })
  }
})
