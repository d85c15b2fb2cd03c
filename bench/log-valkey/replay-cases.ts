import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import type { Server } from "../../test/valkey/server.ts"
import type { Row } from "../harness/row.ts"
import { inTurn } from "./in-turn.ts"

const RECORD = new Uint8Array(99).fill(0x61)
const BYTES = 20_000_000
/** Many, since a round is short, and whatever else runs disturbs two processes that work at the same time. */
const ROUNDS = 25

/** Replay in arrays against a bare loop of XRANGE over the same entries, with pages as large. */
export async function* replayCases(server: Server): AsyncGenerator<Row> {
  const redis = new Redis({ host: server.host, port: server.port })
  const client = fromIovalkey(redis)
  await using packed = await openValkeyLog(client, "packed", { level: "process" })
  await using single = await openValkeyLog(client, "single", { level: "process" })
  await fill(packed, 1_000_000, BYTES)
  // Groups of 16 records share an entry, as those of 16 concurrent writers do.
  await fill(single, 16, BYTES / 2)
  const bare = async (key: string, count: number, wanted: number): Promise<void> => {
    let from = "-"
    let seen = 0
    for (;;) {
      const page = (await redis.xrangeBuffer(key, from, "+", "COUNT", count)) as BarePage
      for (const [, [, bytes]] of page) seen += bytes?.length ?? 0
      const last = page.at(-1)
      if (last === undefined || page.length < count) break
      from = `(${String(last[0])}`
    }
    if (seen !== wanted) throw new Error(`Cannot measure: ${seen} of ${wanted} bytes`)
  }
  const ours = async (log: ValkeyLog, wanted: number, lend = false): Promise<void> => {
    let seen = 0
    const reader = log.replayBatches({ lend }).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      seen += value.bytes.length
    }
    if (seen !== wanted) throw new Error(`Cannot measure: ${seen} of ${wanted} bytes`)
  }
  const [barePacked = 0, ourPacked = 0, bareSingle = 0, ourSingle = 0, lentSingle = 0] =
    await inTurn(
      [
        () => bare(packed.key, 8, BYTES),
        () => ours(packed, BYTES),
        () => bare(single.key, 655, BYTES / 2),
        () => ours(single, BYTES / 2),
        () => ours(single, BYTES / 2, true),
      ],
      ROUNDS,
    )
  redis.disconnect()
  yield {
    name: "replay in arrays, entries of 128 KiB: against a bare XRANGE loop over them",
    value: barePacked / ourPacked,
    unit: "x",
    floor: 0.8,
    aim: 1,
  }
  yield {
    name: "replay in arrays, entries of 1.6 kB: against a bare XRANGE loop over them",
    value: bareSingle / ourSingle,
    unit: "x",
    floor: 0.8,
    aim: 1,
  }
  yield {
    name: "replay in arrays, lent, entries of 1.6 kB: against a bare XRANGE loop over them",
    value: bareSingle / lentSingle,
    unit: "x",
    floor: 0.8,
    aim: 1,
  }
  yield { name: "replay, a kilobyte", value: ourPacked / (BYTES / 1e9), unit: "ns" }
}

type BarePage = readonly (readonly [Buffer, readonly Buffer[]])[]

async function fill(log: ValkeyLog, group: number, bytes: number): Promise<void> {
  const count = bytes / (RECORD.length + 1)
  for (let done = 0; done < count; done += group) {
    const writer = log.writable({ maxPendingBytes: 1_048_576 }).getWriter()
    const all = Math.min(group, count - done)
    for (let n = 0; n < all; n++) {
      const writing = writer.write(RECORD)
      if (n % 512 === 511) await writing
    }
    await writer.close()
  }
}
