import { createReadStream } from "node:fs"
import { open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { crc32 } from "node:zlib"
import type { Log } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import type { Row } from "../harness/row.ts"

const MEGABYTES = 100
const CHUNK = 1_048_576
const ROUNDS = 12

/** The whole of a log of 100 MB, by several ways, in turn. */
export async function* replayCases(folder: string): AsyncGenerator<Row> {
  const directory = join(folder, "replay")
  // The frames of 64 concurrent writers: 6.4 kB each, and no fdatasync to wait for.
  const log = await openFsLog(directory, { level: "process" })
  await fill(log, 64)
  const names = (await readdir(directory)).filter((name) => name.endsWith(".log")).sort()
  const paths = names.map((name) => join(directory, name))
  const [bare = 0, lent = 0, fresh = 0, given = 0] = await inTurn([
    () => bareLoop(paths, false),
    () => asBytes(log, true),
    () => bareLoop(paths, true),
    () => asBytes(log, false),
  ])
  const [lines = 0, records = 0] = await inTurn([() => asLines(paths), () => asRecords(log)])
  await log.close()
  const size = `${MEGABYTES} MB in frames of 64 records`
  const against = "against a bare FileHandle loop with one CRC pass"
  yield {
    name: `replay as bytes, ${size}: ${against}`,
    value: bare / lent,
    unit: "x",
    floor: 0.5,
    aim: 0.8,
  }
  yield {
    name: "replay as bytes that the consumer owns: against the same loop with a new buffer each time",
    value: fresh / given,
    unit: "x",
    floor: 0.5,
    aim: 1,
  }
  yield {
    name: "replay as records: against node:readline on the same files",
    value: lines / records,
    unit: "x",
    floor: 1,
    aim: 3,
  }
  yield { name: "replay as bytes, a kilobyte", value: (lent / MEGABYTES) * 1e3, unit: "ns" }
}

/** @returns the best time of each, in milliseconds: what others do on the machine only adds. */
async function inTurn(ways: readonly (() => Promise<number>)[]): Promise<number[]> {
  const best = ways.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, way] of ways.entries()) {
      const start = performance.now()
      const seen = await way()
      const ms = performance.now() - start
      if (seen < MEGABYTES * 1e6) throw new Error(`Cannot measure: way ${index} saw ${seen} bytes`)
      best[index] = Math.min(best[index] ?? ms, ms)
    }
  }
  return best
}

async function fill(log: Log, writers: number): Promise<void> {
  const record = new Uint8Array(99).fill(0x61)
  let left = (MEGABYTES * 1e6) / (record.length + 1)
  const write = async (): Promise<void> => {
    const { readable, writable } = log.append()
    const [into, acks] = [writable.getWriter(), readable.getReader()]
    while (left-- > 0) {
      void into.write(record)
      await acks.read()
    }
    await into.close()
  }
  await Promise.all(Array.from({ length: writers }, write))
}

async function bareLoop(paths: readonly string[], isFresh: boolean): Promise<number> {
  let buffer: Uint8Array = Buffer.allocUnsafeSlow(CHUNK)
  let [seen, sum] = [0, 0]
  for (const path of paths) {
    const file = await open(path)
    for (;;) {
      if (isFresh) buffer = Buffer.allocUnsafeSlow(CHUNK)
      const { bytesRead } = await file.read(buffer, 0, CHUNK)
      if (bytesRead === 0) break
      sum = crc32(buffer.subarray(0, bytesRead), sum)
      seen += bytesRead
    }
    await file.close()
  }
  return sum === 0 ? 0 : seen
}

async function asBytes(log: Log, lend: boolean): Promise<number> {
  let seen = 0
  const reader = log.replayBatches({ lend }).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return seen
    seen += value.bytes.length
  }
}

async function asRecords(log: Log): Promise<number> {
  let seen = 0
  for await (const entry of log.replay()) seen += entry.data.length + 1
  return seen
}

async function asLines(paths: readonly string[]): Promise<number> {
  let seen = 0
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path) }))
      seen += line.length + 1
  }
  return seen
}
