import { loadPeer } from "../../peers/load.ts"
import { closedLoop, type OpenRival, RECORD } from "./rival.ts"

interface Put {
  readonly type: "put"
  readonly key: string
  readonly value: Uint8Array
}

interface Level {
  open(): Promise<void>
  put(key: string, value: Uint8Array, options: { sync: boolean }): Promise<void>
  batch(puts: readonly Put[], options?: { sync: boolean }): Promise<void>
  values(range: { gte: string; lt: string }): {
    nextv(size: number): Promise<Uint8Array[]>
    close(): Promise<void>
  }
  close(): Promise<void>
}

const BATCH = 10_000
const keyOf = (prefix: string, n: number): string => prefix + String(n).padStart(16, "0")
const toPut = (key: string, value: Uint8Array): Put => ({ type: "put", key, value })

export const openClassicLevel: OpenRival = async (folder) => {
  const peer = await loadPeer("classic-level")
  if (peer.state === "missing") return peer.reason
  const { ClassicLevel } = peer.exports as {
    ClassicLevel: new (folder: string, options: { valueEncoding: "view" }) => Level
  }
  const level = new ClassicLevel(folder, { valueEncoding: "view" })
  await level.open()
  let next = 0
  const put = (): Promise<void> => level.put(keyOf("a", next++), RECORD, { sync: true })
  return {
    name: "classic-level",
    durability: "put with sync",
    level: "disk",
    replays: "records",
    append: (writers) => closedLoop(writers, put),
    appendBatches: (size) => async (count) => {
      for (let done = 0; done < count; done += size) {
        const rows = Array.from({ length: Math.min(size, count - done) }, () => RECORD)
        await level.batch(
          rows.map((value) => toPut(keyOf("a", next++), value)),
          { sync: true },
        )
      }
      return count
    },
    async fill(records) {
      const puts = records.map((value, n) => toPut(keyOf("r", n), value))
      for (let at = 0; at < puts.length; at += BATCH) await level.batch(puts.slice(at, at + BATCH))
    },
    async replay() {
      const values = level.values({ gte: "r", lt: "s" })
      let seen = 0
      for (;;) {
        const some = await values.nextv(1_000)
        if (some.length === 0) break
        for (const value of some) seen += value.length
      }
      await values.close()
      return seen
    },
    close: () => level.close(),
  }
}
