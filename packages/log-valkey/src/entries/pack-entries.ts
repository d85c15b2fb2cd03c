import type { Framing, ProducerBatch } from "@bellmouth/log"

/**
 * How many bytes of records share an entry. The server takes an argument as it has read it when that is longer than
 * the 80 KiB that it reads at a time; one of 64 KiB it copies once more, and a commit has twice as many to reply to.
 */
const ENTRY_BYTES = 131_072
const LF = 0x0a
const SIZE_BYTES = 4

/** What lies in the bytes of a commit: batches of one size and framing, one after another. */
export interface PackRun {
  readonly framing: Framing
  readonly batches: number
  /** How many records each batch holds. */
  readonly count: number
  readonly bytes: Uint8Array
  readonly producer: ProducerBatch | undefined
}

/** One entry of the stream: records, framed. */
export interface PackedEntry {
  readonly framing: Framing
  readonly count: number
  readonly bytes: Uint8Array
  /** Whose batches begin here, for readers that want to know. */
  readonly note: string
}

/**
 * Packs runs into entries of about 128 KiB: runs without a producer share one, larger ones are cut between
 * records. Offsets do not depend on it. The bytes of the entries are views of those of the runs, which
 * have to lie one after another in one buffer.
 */
export function packEntries(runs: readonly PackRun[]): PackedEntry[] {
  const entries: PackedEntry[] = []
  for (const run of runs) {
    const note = toNote(run)
    const last = entries.at(-1)
    if (last !== undefined && note === "" && last.note === "" && fits(last, run)) {
      const { bytes, count, framing } = last
      const joined = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + run.bytes.length)
      const all = count + run.batches * run.count
      entries[entries.length - 1] = { framing, count: all, bytes: joined, note }
    } else if (run.bytes.length <= ENTRY_BYTES) {
      entries.push({ ...pick(run), count: run.batches * run.count, note })
    } else {
      entries.push(...cut(run, note))
    }
  }
  return entries
}

/** Who has sent a run: `<epoch> <sequence> <batches> <records in each> <id>`. */
function toNote({ producer, batches, count }: PackRun): string {
  if (producer === undefined) return ""
  return `${producer.epoch} ${producer.sequence} ${batches} ${count} ${producer.id}`
}

function pick({ framing, bytes }: PackRun): Pick<PackedEntry, "framing" | "bytes"> {
  return { framing, bytes }
}

function fits({ framing, bytes }: PackedEntry, run: PackRun): boolean {
  const isNext =
    bytes.buffer === run.bytes.buffer && bytes.byteOffset + bytes.length === run.bytes.byteOffset
  return isNext && framing === run.framing && bytes.length + run.bytes.length <= ENTRY_BYTES
}

/** Cuts a run between records, each part as long as it fits, and one record long at least. */
function* cut(run: PackRun, note: string): Generator<PackedEntry> {
  const { framing, bytes } = run
  const width = toWidth(run)
  let begin = 0
  let count = 0
  let at = 0
  while (at < bytes.length) {
    const end = width === undefined ? recordEnd(bytes, framing, at) : at + width
    if (end - begin > ENTRY_BYTES && count > 0) {
      yield { framing, count, bytes: bytes.subarray(begin, at), note: begin === 0 ? note : "" }
      begin = at
      count = 0
    }
    count++
    at = end
  }
  yield { framing, count, bytes: bytes.subarray(begin), note: begin === 0 ? note : "" }
}

/**
 * How long each record is, when all are as long. There is one LF for each, so that none is elsewhere when they
 * are all where they would be then: to look for each of them takes as long as to send them.
 */
function toWidth({ framing, batches, count, bytes }: PackRun): number | undefined {
  const width = bytes.length / (batches * count)
  if (framing !== "lines" || !Number.isInteger(width)) return undefined
  for (let at = width - 1; at < bytes.length; at += width) if (bytes[at] !== LF) return undefined
  return width
}

/** Where the record that begins at `at` ends, with its framing. */
export function recordEnd(bytes: Uint8Array, framing: Framing, at: number): number {
  if (framing === "lines") return bytes.indexOf(LF, at) + 1
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return at + SIZE_BYTES + (((a << 24) | (b << 16) | (c << 8) | d) >>> 0)
}
