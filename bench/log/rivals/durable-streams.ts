import { loadPeer } from "../../peers/load.ts"
import { closedLoop, type OpenRival, RECORD, TOGETHER } from "./rival.ts"

/** As much of `FileBackedStreamStore` as is used here. */
interface Store {
  create(path: string, options: { contentType: string }): Promise<unknown>
  append(path: string, data: Uint8Array): Promise<unknown>
  read(path: string): { messages: readonly { data: Uint8Array }[] }
  close(): Promise<void>
}

const CONTENT = { contentType: "application/octet-stream" }

export const openDurableStreams: OpenRival = async (folder) => {
  const peer = await loadPeer("@durable-streams/server")
  if (peer.state === "missing") return peer.reason
  const { FileBackedStreamStore } = peer.exports as {
    FileBackedStreamStore: new (options: { dataDir: string }) => Store
  }
  const store = new FileBackedStreamStore({ dataDir: folder })
  await store.create("/appends", CONTENT)
  await store.create("/replay", CONTENT)
  return {
    name: "the file store of @durable-streams/server",
    durability: "fdatasync, one append of a stream after another",
    level: "disk",
    replays: "messages",
    append: (writers) => closedLoop(writers, () => store.append("/appends", RECORD)),
    async fill(records) {
      for (let at = 0; at < records.length; at += TOGETHER) {
        await store.append("/replay", Buffer.concat(records.slice(at, at + TOGETHER)))
      }
    },
    async replay() {
      let seen = 0
      for (const { data } of store.read("/replay").messages) seen += data.length
      return seen
    },
    close: () => store.close(),
  }
}
