import { type Framing, type RecordBatch, toOffset, toRecordBatch } from "@bellmouth/log"
import { toBytes, toList, toText } from "./reply.ts"

/** Entries that are smaller are given together, up to as many bytes. */
const JOINED_BYTES = 65_536

const DASH = 0x2d
const ZERO = 0x30
const LINES = 0x6c
const SIZED = 0x73

/** One entry of the stream, as it is stored. */
export interface StoredEntry {
  readonly offset: number
  readonly count: number
  readonly framing: Framing
  readonly bytes: Uint8Array
  readonly note: string
}

/** The field that an entry has its records in. */
export const FRAMING_FIELDS: Readonly<Record<Framing, string>> = { lines: "l", sized: "s" }

/** The entries of a reply to XRANGE: `<end>-<count>`, and the fields. */
export function toEntries(reply: unknown): StoredEntry[] {
  return toList(reply).map((row) => {
    const [key, fields] = toList(row)
    const [name, bytes, , note] = toList(fields)
    const [end, count] = toKey(toBytes(key))
    return {
      offset: end - count,
      count,
      framing: toFraming(toBytes(name)),
      bytes: toBytes(bytes),
      note: note === undefined ? "" : toText(note),
    }
  })
}

/** The two numbers of an id. Decoding text takes longer than all the rest of a small entry. */
function toKey(key: Uint8Array): [end: number, count: number] {
  const dash = key.indexOf(DASH)
  return [toWhole(key, 0, dash), toWhole(key, dash + 1, key.length)]
}

function toWhole(digits: Uint8Array, from: number, until: number): number {
  let value = 0
  for (let at = from; at < until; at++) value = value * 10 + (digits[at] ?? 0) - ZERO
  return value
}

/** Batches of entries that follow one another; small ones are joined, which costs less than to give them alone. */
export function toBatches(entries: readonly StoredEntry[]): RecordBatch[] {
  const batches: RecordBatch[] = []
  let group: StoredEntry[] = []
  let size = 0
  for (const entry of entries) {
    const last = group.at(-1)
    const joins =
      last !== undefined &&
      last.framing === entry.framing &&
      last.offset + last.count === entry.offset &&
      size + entry.bytes.length <= JOINED_BYTES
    if (!joins) {
      if (group.length > 0) batches.push(join(group, size))
      group = []
      size = 0
    }
    group.push(entry)
    size += entry.bytes.length
  }
  if (group.length > 0) batches.push(join(group, size))
  return batches
}

function join(entries: readonly StoredEntry[], size: number): RecordBatch {
  const [first] = entries
  if (first === undefined) throw new TypeError("Cannot join no entries")
  const { framing } = first
  const offset = toOffset(first.offset)
  if (entries.length === 1) {
    return toRecordBatch({ offset, count: first.count, framing, bytes: first.bytes })
  }
  const bytes = new Uint8Array(size)
  let at = 0
  let count = 0
  for (const entry of entries) {
    bytes.set(entry.bytes, at)
    at += entry.bytes.length
    count += entry.count
  }
  return toRecordBatch({ offset, count, framing, bytes })
}

function toFraming(name: Uint8Array): Framing {
  if (name.length === 1 && name[0] === LINES) return "lines"
  if (name.length === 1 && name[0] === SIZED) return "sized"
  throw new TypeError("Cannot read an entry that has no records: it is none of a log")
}
