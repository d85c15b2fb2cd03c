import { loadPeer } from "../../peers/load.ts"
import { closedLoop, type OpenRival, RECORD } from "./rival.ts"

interface Core {
  ready(): Promise<void>
  append(blocks: Uint8Array | readonly Uint8Array[]): Promise<unknown>
  createReadStream(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

const BATCH = 1_000

export const openHypercore: OpenRival = async (folder) => {
  const peer = await loadPeer("hypercore")
  if (peer.state === "missing") return peer.reason
  const Hypercore = peer.exports["default"] as new (folder: string) => Core
  const appends = new Hypercore(`${folder}/appends`)
  const replay = new Hypercore(`${folder}/replay`)
  await appends.ready()
  await replay.ready()
  return {
    name: "hypercore",
    durability: "written to the log of its RocksDB, without a sync; it signs what it stores",
    level: "process",
    replays: "records",
    append: (writers) => closedLoop(writers, () => appends.append(RECORD)),
    appendBatches: (size) => async (count) => {
      for (let done = 0; done < count; done += size) {
        await appends.append(Array.from({ length: Math.min(size, count - done) }, () => RECORD))
      }
      return count
    },
    async fill(records) {
      for (let at = 0; at < records.length; at += BATCH) {
        await replay.append(records.slice(at, at + BATCH))
      }
    },
    async replay() {
      let seen = 0
      for await (const block of replay.createReadStream()) seen += block.length
      return seen
    },
    async close() {
      await appends.close()
      await replay.close()
    },
  }
}
