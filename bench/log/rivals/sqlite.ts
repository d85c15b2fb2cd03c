import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { closedStreams } from "../closed-writers.ts"
import { closedLoop, type OpenRival, RECORD } from "./rival.ts"

export const openSqlite: OpenRival = async (folder) => {
  const database = new DatabaseSync(join(folder, "log.sqlite"))
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  for (const table of ["appends", "replay"]) {
    database.exec(`CREATE TABLE ${table} (place INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)`)
  }
  const append = database.prepare("INSERT INTO appends (data) VALUES (?)")
  const store = database.prepare("INSERT INTO replay (data) VALUES (?)")
  const all = database.prepare("SELECT data FROM replay ORDER BY place")
  const transaction = (rows: () => void): void => {
    database.exec("BEGIN")
    rows()
    database.exec("COMMIT")
  }
  const appendOnce = inGroups((records) => {
    transaction(() => {
      for (const record of records) append.run(record)
    })
  })
  return {
    name: "node:sqlite",
    durability:
      "WAL, synchronous FULL, what has arrived in one transaction; it holds up the thread",
    level: "disk",
    isBlocking: true,
    replays: "records",
    append: (writers) => closedLoop(writers, () => appendOnce(RECORD)),
    appendByStreams: (writers) =>
      closedStreams(writers, RECORD, () => appendPair(appendOnce), Boolean),
    appendBatches: (size) => async (count) => {
      for (let done = 0; done < count; done += size) {
        transaction(() => {
          for (let row = 0; row < Math.min(size, count - done); row++) append.run(RECORD)
        })
      }
      return count
    },
    async fill(records) {
      transaction(() => {
        for (const record of records) store.run(record)
      })
    },
    async replay() {
      let seen = 0
      for (const { data } of all.iterate()) if (data instanceof Uint8Array) seen += data.length
      return seen
    },
    async close() {
      database.close()
    },
  }
}

/** A stream of records in, and one of acknowledgements out, of which many may be under way. */
function appendPair(
  append: (record: Uint8Array) => Promise<void>,
): ReadableWritablePair<boolean, Uint8Array> {
  let acks: ReadableStreamDefaultController<boolean> | undefined
  const start = (controller: ReadableStreamDefaultController<boolean>): void => {
    acks = controller
  }
  const write = (record: Uint8Array): void => {
    append(record).then(
      () => acks?.enqueue(true),
      (reason: unknown) => acks?.error(reason),
    )
  }
  const readable = new ReadableStream<boolean>({ start }, { highWaterMark: 0 })
  return { readable, writable: new WritableStream({ write }) }
}

/** SQLite has no writers that wait. What a service would put before it: one commit for all who do. */
function inGroups(store: (records: readonly Uint8Array[]) => void) {
  let waiting: { record: Uint8Array; resolve: () => void }[] = []
  const commit = (): void => {
    const group = waiting
    waiting = []
    store(group.map(({ record }) => record))
    for (const { resolve } of group) resolve()
  }
  return (record: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.push({ record, resolve }) === 1) setImmediate(commit)
    })
}
