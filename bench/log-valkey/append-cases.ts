import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import type { Server } from "../../test/valkey/server.ts"
import type { Row } from "../harness/row.ts"
import { inTurn } from "./in-turn.ts"

const RECORD = Buffer.alloc(99, 0x61)
const RECORDS = 20_000
const ENTRY = Buffer.alloc(65_535, 0x61)
const ENTRIES = 200
/** How many commands the bare client has under way. */
const WINDOW = 64
const ROUNDS = 9

/** Appends against a bare client that has as many XADDs under way as it likes. */
export async function* appendCases(server: Server, level: "disk" | "process"): AsyncGenerator<Row> {
  const redis = new Redis({ host: server.host, port: server.port })
  const client = fromIovalkey(redis)
  await using log = await openValkeyLog(client, "appends", { level })
  let bare = 0
  const add = async (bytes: Buffer, count: number): Promise<void> => {
    await redis.del("bare")
    const stored = Buffer.concat([bytes, Buffer.from("\n")])
    const under = new Set<Promise<unknown>>()
    for (let n = 1; n <= count; n++) {
      const adding = redis.xadd("bare", `${n}-1`, "l", stored).finally(() => under.delete(adding))
      under.add(adding)
      if (under.size >= WINDOW) await Promise.race(under)
    }
    await Promise.all(under)
    bare += await redis.xlen("bare")
  }
  const ours = async (bytes: Buffer, count: number): Promise<void> => {
    const before = await log.tail()
    await append(log, bytes, count)
    const after = await log.tail()
    if (after - before !== count) throw new Error(`Cannot measure: ${after - before} of ${count}`)
    await log.trim(after)
  }
  const [bareMany = 0, many = 0, bareLarge = 0, large = 0] = await inTurn(
    [
      () => add(RECORD, RECORDS),
      () => ours(RECORD, RECORDS),
      () => add(ENTRY, ENTRIES),
      () => ours(ENTRY, ENTRIES),
    ],
    ROUNDS,
  )
  redis.disconnect()
  if (bare === 0) throw new Error("Cannot measure: the bare client has added nothing")
  yield {
    name: `appends of 100 bytes, level ${level}: against one pipelined XADD for each`,
    value: bareMany / many,
    unit: "x",
    floor: 0.8,
    aim: 4,
  }
  yield {
    name: `appends of 64 KiB, level ${level}: against the same XADDs, pipelined`,
    value: bareLarge / large,
    unit: "x",
    floor: 0.8,
    aim: 0.8,
  }
  yield {
    name: `one append of 100 bytes, level ${level}`,
    value: (many / RECORDS) * 1e6,
    unit: "ns",
  }
  yield { name: `one append of 64 KiB, level ${level}`, value: (large / ENTRIES) * 1e6, unit: "ns" }
}

async function append(log: ValkeyLog, bytes: Buffer, count: number): Promise<void> {
  const { readable, writable } = log.append()
  const [writer, acks] = [writable.getWriter(), readable.getReader()]
  let seen = 0
  const reading = (async () => {
    for (;;) {
      const { done } = await acks.read()
      if (done) break
      seen++
    }
  })()
  for (let n = 0; n < count; n++) await writer.write(bytes)
  await writer.close()
  await reading
  if (seen !== count) throw new Error(`Cannot measure: ${seen} of ${count} were acknowledged`)
}
