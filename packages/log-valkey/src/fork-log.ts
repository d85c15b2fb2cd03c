import { LogError, type Offset, ProducerTable } from "@bellmouth/log"
import { toStoredBatches } from "./append/producer-verdicts.ts"
import { toNumber, toPairs, toText } from "./client/reply.ts"
import type { ValkeyArgument } from "./client/valkey-client.ts"
import { FRAMING_FIELDS, type StoredEntry } from "./entries/entry-page.ts"
import { recordEnd } from "./entries/pack-entries.ts"
import type { LogPlace, LogRange } from "./log-place.ts"
import { DRAFT_HASH_SCRIPT, DRAFT_RECORDS_SCRIPT, FINISH_FORK_SCRIPT } from "./log-scripts.ts"
import type { Way } from "./nodes/node-link.ts"
import { PageReader } from "./replay/page-reader.ts"
import { missing, toFault } from "./valkey-fault.ts"
import { toWay, type WriteLevel } from "./write-level.ts"

/** How many seconds a draft is kept after the last that was added to it. */
const DRAFT_S = 3_600
const ROW_FIELDS = 512

/** What to fork, and where to. */
export interface ForkRequest {
  readonly id: string
  readonly from: LogPlace
  readonly to: LogPlace
  readonly at: Offset
  readonly name: string
  readonly writeLevel: WriteLevel
}

/**
 * Copies a log to another place, which may be at another server, so that no script can see both. The copy
 * grows under keys of its own that expire; only when it is whole, one script gives it the place's keys
 * and a head. A crash before that leaves nothing that opens as a log, and after an hour nothing.
 *
 * @returns the identity of the fork.
 */
export async function forkLog(request: ForkRequest): Promise<string> {
  const { from, to, writeLevel } = request
  const id = crypto.randomUUID()
  const { records } = to.keys
  const draft = ["records", "producers", "batches"].map((part) => `${records}:draft:${id}:${part}`)
  const [draftRecords = "", draftProducers = "", draftBatches = ""] = draft
  const write: Way = { type: "write" }
  try {
    const table = await knownAtStart(request)
    const range = await from.range(request.id)
    const { start } = range
    let largest = 0
    let hasRecords = false
    for await (const entries of entriesBefore(request, range)) {
      const args: ValkeyArgument[] = [String(DRAFT_S)]
      for (const entry of entries) {
        const { offset, count, framing, bytes, note } = cutEntry(entry, request.at)
        args.push(`${offset + count}-${count}`, FRAMING_FIELDS[framing], bytes, note)
        largest = Math.max(largest, bytes.length)
        settleNote(table, entry, request.at)
      }
      hasRecords = true
      await to.run(DRAFT_RECORDS_SCRIPT, [draftRecords], args, write)
    }
    const { producers, batches } = toRows(table)
    for (const [key, rows] of [
      [draftProducers, producers],
      [draftBatches, batches],
    ] as const) {
      for (let at = 0; at < rows.length; at += ROW_FIELDS) {
        const args = [String(DRAFT_S), ...rows.slice(at, at + ROW_FIELDS)]
        await to.run(DRAFT_HASH_SCRIPT, [key], args, write)
      }
    }
    const there = [hasRecords, producers.length > 0, batches.length > 0]
    const head = {
      version: 1,
      name: request.name,
      start,
      tail: request.at,
      largest,
      producers: producers.length / 2,
    }
    const { keys } = to
    const finishKeys = [keys.records, keys.head, keys.producers, keys.batches, ...draft]
    const finishArgs = [
      id,
      ...there.map((is) => (is ? "1" : "0")),
      ...Object.entries(head).flatMap(([field, value]) => [field, String(value)]),
    ]
    const way = toWay(writeLevel, writeLevel.level)
    const [outcome] = await to.run(FINISH_FORK_SCRIPT, finishKeys, finishArgs, way)
    if (toText(outcome) === "exists") throw exists(request.name, records)
    if (toText(outcome) === "expired") throw new Error("the copy took too long, and has expired")
    return id
  } catch (cause) {
    throw toFault("WRITE_FAILED", `fork the log to ${request.name}`, records, cause)
  }
}

/** What the server knows of batches that were trimmed since. */
async function knownAtStart({ id, from, at }: ForkRequest): Promise<ProducerTable> {
  const table = new ProducerTable()
  const { start } = await from.range(id)
  const read: Way = { type: "read" }
  const heads = toPairs(await from.send(["HGETALL", from.keys.producers], read))
  const rows = new Map(toPairs(await from.send(["HGETALL", from.keys.batches], read)))
  for (const [producer, head] of heads) {
    const [number = 0, epoch = 0, first = 0, next = 0] = head.split(" ").map(toNumber)
    let sequence = first
    while (sequence < next) {
      const batches = toStoredBatches(rows.get(`${number}/${sequence}`) ?? `${next} 1 ${at} 1`)
      for (const batch of batches) {
        const { offset, count } = batch
        if (offset < start)
          table.settle({ id: producer, epoch, sequence: batch.sequence }, offset, count)
      }
      sequence = (batches.at(-1)?.sequence ?? next) + 1
    }
  }
  return table
}

/** The entries that begin before an offset, page by page. */
async function* entriesBefore(
  { id, from, at }: ForkRequest,
  { start, largest }: LogRange,
): AsyncGenerator<StoredEntry[]> {
  const pages = new PageReader({ id, place: from, knownTail: at, largest }, start)
  while (pages.position < at) {
    const { position } = pages
    const entries = await pages.next()
    if (entries.length === 0) throw missing(from.keys.records, position, at)
    yield entries.filter(({ offset }) => offset < at)
  }
}

/** The part of an entry that lies before an offset. */
function cutEntry(entry: StoredEntry, until: number): StoredEntry {
  const count = Math.min(entry.count, until - entry.offset)
  if (count === entry.count) return entry
  let end = 0
  for (let record = 0; record < count; record++) end = recordEnd(entry.bytes, entry.framing, end)
  return { ...entry, count, bytes: entry.bytes.subarray(0, end) }
}

/** Takes the batches that an entry names into a table. */
function settleNote(table: ProducerTable, { note, offset }: StoredEntry, until: number): void {
  if (note === "") return
  const [, epoch, sequence, batches, count, id] = /^(\d+) (\d+) (\d+) (\d+) (.*)$/s.exec(note) ?? []
  if (id === undefined) throw new TypeError(`Cannot read the producer of an entry: ${note}`)
  const producer = { id, epoch: toNumber(epoch), sequence: toNumber(sequence) }
  table.settleRun({ producer, batches: toNumber(batches), count: toNumber(count) }, offset, until)
}

/** The fields and values of the two hashes of producers. */
function toRows(table: ProducerTable): { producers: string[]; batches: string[] } {
  const producers: string[] = []
  const batches: string[] = []
  for (const [index, state] of table.snapshot().entries()) {
    const number = index + 1
    const [first] = state.batches
    const last = state.batches.at(-1)
    if (first === undefined || last === undefined) continue
    producers.push(state.id, `${number} ${state.epoch} ${first.sequence} ${last.sequence + 1}`)
    for (const { sequence, offset, count } of state.batches) {
      batches.push(`${number}/${sequence}`, `${sequence} 1 ${offset} ${count}`)
    }
  }
  return { producers, batches }
}

function exists(name: string, key: string): LogError {
  return new LogError(
    "EXISTS",
    `Cannot fork the log to ${name}: there is something at ${key}; give another name`,
    { path: key },
  )
}
