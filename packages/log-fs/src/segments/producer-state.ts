import { join } from "node:path"
import { type LogError, type ProducerState, ProducerTable, toOffset } from "@bellmouth/log"
import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { readRange } from "../files/write-all.ts"
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

/** Encodes what a log remembers of its producers, as it was before a segment's first record. */
export function encodeProducerState(states: readonly ProducerState[], seed: number): Uint8Array {
  const rows = states.map(({ id, epoch, batches }) => [
    id,
    epoch,
    ...batches.map(({ sequence, offset, count }) => [sequence, offset, count]),
  ])
  const text = new TextEncoder().encode(JSON.stringify(rows))
  const bytes = new Uint8Array(TEXT_AT + text.length)
  bytes.set(text, TEXT_AT)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, seed))
  return bytes
}

/** Gives undefined when the bytes are not those of this log's producers. */
function decodeProducerState(bytes: Uint8Array, seed: number): ProducerState[] | undefined {
  if (bytes.length < TEXT_AT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== MAGIC) return undefined
  if (checksumOf(bytes, seed) !== view.getUint32(CHECKSUM_AT)) return undefined
  // The checksum has shown that these are the rows that were encoded.
  const rows: [string, number, ...[number, number, number][]][] = JSON.parse(
    new TextDecoder().decode(bytes.subarray(TEXT_AT)),
  )
  return rows.map(([id, epoch, ...batches]) => ({
    id,
    epoch,
    batches: batches.map(([sequence, offset, count]) => ({
      sequence,
      offset: toOffset(offset),
      count,
    })),
  }))
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
): Promise<ProducerState[] | undefined> {
  try {
    const file = await layer.open(join(directory, stateName(base)), "read")
    try {
      return decodeProducerState(await readRange(file, 0, await file.size()), seed)
    } finally {
      await file.close()
    }
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
