import { type Framing, type RecordBatch, toOffset, toRecordBatch } from "@bellmouth/log"
import { toBytes, toList, toText } from "../client/reply.ts"

/** Entries that are smaller are given together, up to as many bytes. */
const JOINED_BYTES = 65_536

const DASH = 0x2d
const ZERO = 0x30
const LINES = 0x6c
const SIZED = 0x73
const NOTHING = new Uint8Array()

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
  return toList(reply).map(toEntry)
}

function toEntry(row: unknown): StoredEntry {
  const [key, fields] = toList(row)
  const [name, bytes, , note] = toList(fields)
  if (!(key instanceof Uint8Array && name instanceof Uint8Array && bytes instanceof Uint8Array)) {
    throw new TypeError(
      "Cannot read an entry that is not of bytes: have the client reply with them",
    )
  }
  const dash = key.lastIndexOf(DASH)
  const count = toWhole(key, dash + 1, key.length)
  const offset = toWhole(key, 0, dash) - count
  const framing = toFraming(name)
  return { offset, count, framing, bytes, note: note === undefined ? "" : toText(note) }
}

/** A number of an id. Decoding text takes longer than all the rest of a small entry. */
function toWhole(digits: Uint8Array, from: number, until: number): number {
  let value = 0
  for (let at = from; at < until; at++) value = value * 10 + (digits[at] ?? 0) - ZERO
  return value
}

/**
 * Joins the entries from the front of a list into batches: those that are small, and follow one another,
 * are given together, which costs less than to give them alone.
 */
export class EntryJoiner {
  /** What the small ones are copied to, batch after batch, when batches are lent. */
  #lent: Uint8Array | undefined
  readonly #lends: boolean

  constructor(lend: boolean) {
    this.#lends = lend
  }

  /** Gives the batch that begins with an entry of a list, and how many entries are in it. */
  next(entries: readonly StoredEntry[], begin: number): { batch: RecordBatch; taken: number } {
    const first = entries[begin]
    if (first === undefined) throw new TypeError("Cannot join no entries")
    const { framing } = first
    let end = begin + 1
    let size = first.bytes.length
    let count = first.count
    for (; end < entries.length; end++) {
      const entry = entries[end]
      const joins =
        entry !== undefined &&
        entry.framing === framing &&
        entry.offset === first.offset + count &&
        size + entry.bytes.length <= JOINED_BYTES
      if (!joins) break
      size += entry.bytes.length
      count += entry.count
    }
    const taken = end - begin
    const bytes = taken === 1 ? toBytes(first.bytes) : this.#copy(entries, begin, end, size)
    return {
      batch: toRecordBatch({ offset: toOffset(first.offset), count, framing, bytes }),
      taken,
    }
  }

  #copy(entries: readonly StoredEntry[], begin: number, end: number, size: number): Uint8Array {
    const bytes = this.#lends ? this.#lend(size) : new Uint8Array(size)
    let at = 0
    for (let index = begin; index < end; index++) {
      const part = entries[index]?.bytes ?? NOTHING
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  /** A cursor that waits at the tail, or reads large entries, needs none. */
  #lend(size: number): Uint8Array {
    this.#lent ??= new Uint8Array(JOINED_BYTES)
    return this.#lent.subarray(0, size)
  }
}

function toFraming(name: Uint8Array): Framing {
  if (name.length === 1 && name[0] === LINES) return "lines"
  if (name.length === 1 && name[0] === SIZED) return "sized"
  throw new TypeError("Cannot read an entry that has no records: it is none of a log")
}
