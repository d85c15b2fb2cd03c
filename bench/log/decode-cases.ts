import { createReadStream } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { map, pipe } from "@bellmouth/core"
import { NdjsonArrayDecoderStream, NdjsonDecoder } from "@bellmouth/framing"
import type { Log, RecordBatch } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { corpus, cut } from "../framing/corpus.ts"
import type { Row } from "../harness/row.ts"
import { bestInTurn } from "./best-in-turn.ts"
import { fill } from "./fill.ts"

const BYTES = 50_000_000
const CHUNK = 1_048_576

/** JSON records of 100 bytes, decoded: from a log, from a plain file, and from memory. */
export async function* decodeCases(folder: string): AsyncGenerator<Row> {
  const { lines } = corpus({ recordBytes: 100, ascii: true })
  const records = lines.map((line) => new TextEncoder().encode(line))
  const each = records.reduce((sum, record) => sum + record.length + 1, 0) / records.length
  const count = Math.round(BYTES / each)
  await using log = await openFsLog(join(folder, "records"), { level: "process" })
  await fill(log, records, count)
  const whole = Buffer.concat(Array.from({ length: count }, (_, n) => toLine(records, n)))
  const plain = join(folder, "records.ndjson")
  await writeFile(plain, whole)
  const chunks = cut(whole, CHUNK)
  const ways = [
    () => byReadline(plain),
    () => inMemory(chunks),
    () => byBatch(log),
    () => byStages(log),
    () => parseAlone(lines, count),
  ]
  const [line = 0, memory = 0, batch = 0, stages = 0, parse = 0] = await bestInTurn(ways, count, 9)
  const row = (name: string, value: number, floor?: number, aim?: number): Row => {
    return { name, value, unit: "x", ...(floor && { floor }), ...(aim && { aim }) }
  }
  const own = "of our NDJSON decoder on the same bytes in memory"
  yield row(`replay as decoded records in arrays: ${own}`, memory / batch, 0.8, 1)
  yield row(`replay as decoded records in arrays, by stages: ${own}`, memory / stages, 0.7, 1)
  const plainFile = "against node:readline + JSON.parse on a plain file"
  yield row(`replay as decoded records in arrays: ${plainFile}`, line / batch)
  yield row(`JSON.parse alone, which no decoder can beat: ${plainFile}`, line / parse)
}

function toLine(records: readonly Uint8Array[], n: number): Buffer {
  return Buffer.concat([records[n % records.length] ?? new Uint8Array(0), new Uint8Array([0x0a])])
}

async function byReadline(path: string): Promise<number> {
  let seen = 0
  for await (const line of createInterface({ input: createReadStream(path) }))
    if (JSON.parse(line) !== null) seen++
  return seen
}

async function inMemory(chunks: readonly Uint8Array[]): Promise<number> {
  const decoder = new NdjsonDecoder()
  let seen = 0
  for (const chunk of chunks) {
    const array: unknown[] = []
    decoder.push(chunk, (record) => array.push(record))
    seen += array.length
  }
  return seen
}

async function byBatch(log: Log): Promise<number> {
  const decoder = new NdjsonDecoder()
  let seen = 0
  for await (const { bytes } of log.replayBatches({ lend: true })) {
    const array: unknown[] = []
    decoder.push(bytes, (record) => array.push(record))
    seen += array.length
  }
  return seen
}

async function byStages(log: Log): Promise<number> {
  const bytesOf = map((batch: RecordBatch) => batch.bytes)
  const batches = log.replayBatches({ lend: true })
  let seen = 0
  for await (const array of pipe(batches, bytesOf, new NdjsonArrayDecoderStream()))
    seen += array.length
  return seen
}

async function parseAlone(lines: readonly string[], count: number): Promise<number> {
  let seen = 0
  for (let n = 0; n < count; n++) if (JSON.parse(lines[n % lines.length] ?? "") !== null) seen++
  return seen
}
