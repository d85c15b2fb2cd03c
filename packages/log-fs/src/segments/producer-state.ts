import { join } from "node:path"
import { type LogError, type ProducerState, ProducerTable, toOffset } from "@bellmouth/log"
import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { readFile } from "../files/read-file.ts"
import type { FrameRun } from "../frames/frame.ts"
import { FrameReader } from "../frames/frame-reader.ts"
import { corrupt } from "./log-fault.ts"
import { openSegment } from "./segment-file.ts"
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts"
import { stateName } from "./segment-name.ts"

/** The bytes "BMST". */
const MAGIC = 0x424d5354
const TEXT_AT = 8
/** What is wrong with a state that nothing else can replace, as the end of a sentence. */
export const FORGOTTEN =
  "and what it was made of was trimmed: who has sent what is not known any more"

/** Longer texts are parsed by their rows: V8 has no string of 2^29 characters. */
const MOST_PARSED_BYTES = 268_435_456
const QUOTE = 0x22
const BACKSLASH = 0x5c

type Row = [id: string, epoch: number, ...batches: [number, number, number][]]

/** Encodes what a log remembers of its producers, as it was before a segment's first record. */
export function encodeProducerState(states: readonly ProducerState[], seed: number): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(TEXT_AT)]
  for (const { id, epoch, batches } of states) {
    const row: Row = [id, epoch]
    for (const { sequence, offset, count } of batches) row.push([sequence, offset, count])
    parts.push(Buffer.from(`${parts.length === 1 ? "[" : ","}${JSON.stringify(row)}`))
  }
  parts.push(Buffer.from(parts.length === 1 ? "[]" : "]"))
  const bytes = Buffer.concat(parts)
  bytes.writeUInt32BE(MAGIC, 0)
  bytes.writeUInt32BE(checksumOf(bytes, seed), CHECKSUM_AT)
  return bytes
}

/**
 * Gives undefined when the bytes are not those of this log's producers. A text of more than `mostParsed`
 * bytes is parsed by its rows, as they are asked for.
 */
export function decodeProducerState(
  bytes: Uint8Array,
  seed: number,
  mostParsed: number = MOST_PARSED_BYTES,
): Iterable<ProducerState> | undefined {
  if (bytes.length < TEXT_AT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== MAGIC) return undefined
  if (checksumOf(bytes, seed) !== view.getUint32(CHECKSUM_AT)) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + TEXT_AT, bytes.length - TEXT_AT)
  return text.length <= mostParsed ? parseRows(text.toString()).map(stateOf) : statesOf(text)
}

function* statesOf(text: Buffer): Generator<ProducerState> {
  for (let begin = 1; begin < text.length - 1; ) {
    // A view of its own: a search does not begin after 2^31 bytes.
    const rest = text.subarray(begin, begin + MOST_PARSED_BYTES)
    // After the id there are numbers alone.
    const length = rest.indexOf("]]", endOfString(rest, 1)) + 2
    for (const row of parseRows(`[${rest.toString("utf8", 0, length)}]`)) yield stateOf(row)
    begin += length + 1
  }
}

/** Where the string ends whose quote is at `begin`: at the first one that is not escaped. */
function endOfString(text: Buffer, begin: number): number {
  let end = begin
  let isEscaped: boolean
  do {
    end = text.indexOf(QUOTE, end + 1)
    let slashes = 0
    while (text[end - 1 - slashes] === BACKSLASH) slashes++
    isEscaped = slashes % 2 === 1
  } while (isEscaped)
  return end
}

/** The checksum has shown that these are the rows that were encoded. */
function parseRows(text: string): Row[] {
  return JSON.parse(text)
}

function stateOf([id, epoch, ...rest]: Row): ProducerState {
  const batches = rest.map(([sequence, offset, count]) => ({
    sequence,
    offset: toOffset(offset),
    count,
  }))
  return { id, epoch, batches }
}

/**
 * The producers as they were before the last segment. Its state file says so; when that is missing or
 * damaged, the segments before are read, from the latest state file that is whole.
 */
export async function restoreProducers(
  layer: FileLayer,
  directory: string,
  bases: readonly number[],
  seed: number,
): Promise<ProducerTable> {
  const table = new ProducerTable()
  let from = bases.length - 1
  for (; from >= 0; from--) {
    const base = bases[from] ?? 0
    const states = base === 0 ? [] : await readState(layer, directory, base, seed)
    if (states === undefined) continue
    table.restore(states)
    break
  }
  if (from < 0) throw forgotten(directory, bases[0] ?? 0)
  for (const [index, base] of bases.entries()) {
    const next = bases[index + 1]
    if (index < from || next === undefined) continue
    await readSegment(layer, directory, base, next, seed, table)
  }
  return table
}

/** Going on without them would store again what was stored. */
function forgotten(directory: string, offset: number): LogError {
  const path = join(directory, stateName(offset))
  return corrupt({ path, position: 0, reason: FORGOTTEN, offset })
}

/** Whether no state is whole, and the segments that would tell the same were trimmed. */
export async function isForgotten(
  layer: FileLayer,
  directory: string,
  bases: readonly number[],
  seed: number,
): Promise<boolean> {
  const [first = 0] = bases
  if (first === 0) return false
  // The last comes first: a writer at work may trim those before it.
  for (const base of bases.toReversed()) {
    if ((await readState(layer, directory, base, seed)) !== undefined) return false
  }
  return true
}

export async function readState(
  layer: FileLayer,
  directory: string,
  base: number,
  seed: number,
): Promise<Iterable<ProducerState> | undefined> {
  try {
    return decodeProducerState(await readFile(layer, join(directory, stateName(base))), seed)
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined
    throw error
  }
}

async function readSegment(
  layer: FileLayer,
  directory: string,
  base: number,
  end: number,
  seed: number,
  table: ProducerTable,
): Promise<void> {
  const { file, path, header } = await openSegment(layer, directory, base, "read")
  try {
    const size = await file.size()
    const first = { position: SEGMENT_HEADER_BYTES, offset: base, previous: header.previous }
    const reader = new FrameReader(file, first, seed, true)
    while (reader.next.position < size) {
      const { frames, fault } = await reader.read(Number.POSITIVE_INFINITY, size)
      for (const { frame } of frames) settleFrame(table, frame.runs, frame.offset)
      if (fault !== undefined) throw corrupt({ path, offset: reader.next.offset, ...fault })
    }
    await reader.idle()
    const { offset, position } = reader.next
    if (offset !== end) {
      const reason = `it ends there, and the next segment begins with offset ${end}`
      throw corrupt({ path, position, reason, offset })
    }
  } finally {
    await file.close()
  }
}

/** Takes all batches of a frame into a table. */
export function settleFrame(table: ProducerTable, runs: readonly FrameRun[], offset: number): void {
  let next = offset
  for (const run of runs) {
    table.settleRun({ ...run, count: run.count / run.batches }, next)
    next += run.count
  }
}
