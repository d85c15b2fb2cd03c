import { join } from "node:path"
import { type Offset, toOffset } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { nodeFileLayer } from "../files/node-file-layer.ts"
import { FrameReader } from "../frames/frame-reader.ts"
import { openReader } from "../reader/open-reader.ts"
import { idSeed, idText, sameId } from "../segments/log-id.ts"
import { lostBefore } from "../segments/lost-before.ts"
import { openSegment, type SegmentFile } from "../segments/segment-file.ts"
import { SEGMENT_HEADER_BYTES } from "../segments/segment-header.ts"
import { segmentBases, segmentName } from "../segments/segment-name.ts"
import { readTail } from "../segments/tail-file.ts"
import type { LogDamage } from "./log-damage.ts"
import type { LostRange } from "./lost-range.ts"
import { verifySidecars } from "./verify-sidecars.ts"

/** What a segment was found to hold. */
export interface VerifiedSegment {
  readonly path: string
  /** The offset of its first record. */
  readonly base: Offset
  /** How many records are whole, from the first on. */
  readonly records: number
  readonly byteLength: number
}

/** What `verifyFsLog` has found. */
export interface VerifyReport {
  readonly id: string
  /** The log as it was published when the check began. */
  readonly start: Offset
  readonly tail: Offset
  readonly segments: readonly VerifiedSegment[]
  /** The records that an earlier repair has found to be lost; a replay tells each of these. */
  readonly lost: readonly LostRange[]
  /** Empty when every other record from `start` to `tail` is as it was written, and the log can be opened. */
  readonly damages: readonly LogDamage[]
}

/** What `verifyFsLog` takes. */
export interface VerifyOptions {
  /** The file system. Default that of Node. */
  readonly fileLayer?: FileLayer
}

/**
 * Reads all of a log, and checks every frame, the chain from frame to frame and from segment to
 * segment, that nothing is missing up to the published tail, and that no other file keeps the log from
 * being opened. Changes nothing; a writer may be at work. It goes on with the next segment after a damage, so that all of it is told.
 *
 * @throws {LogError} `NOT_A_LOG`, or `CORRUPT` when there is no telling what should be there.
 *
 * @example A log that is whole
 * ```ts
 * import assert from "node:assert/strict"
 * import { openFsLog, verifyFsLog } from "@bellmouth/log-fs"
 * import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
 *
 * const fileLayer = new MemoryFileLayer()
 * const log = await openFsLog("/events", { fileLayer })
 * const writer = log.writable().getWriter()
 * writer.write(new TextEncoder().encode("one"))
 * await writer.close()
 * const report = await verifyFsLog("/events", { fileLayer })
 * assert.deepEqual([report.tail, report.damages], [1, []])
 * ```
 */
export async function verifyFsLog(
  directory: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const { fileLayer = nodeFileLayer } = options
  const { id, start, tail } = await openReader(fileLayer, directory)
  // A writer may have begun others since the tail was read: what they hold comes after it.
  const bases = segmentBases(await fileLayer.list(directory)).filter((base) => base <= tail)
  const segments: VerifiedSegment[] = []
  const damages: LogDamage[] = []
  const lost: LostRange[] = []
  let previous: number | undefined
  const [first = tail] = bases
  if (first > start && first > (await startOf(fileLayer, directory))) {
    const reason = `its segments begin with offset ${first}, and the log with ${start}`
    damages.push({ path: directory, position: 0, offset: toOffset(start), reason })
  }
  for (const [index, base] of bases.entries()) {
    const end = bases[index + 1] ?? tail
    const next = bases[index + 1]
    const checked = await verifySegment(fileLayer, directory, { base, end, next, id, previous })
    if (checked.damages.length > 0 && (await isTrimmed(fileLayer, directory, base))) {
      // By a writer, meanwhile.
      previous = undefined
      continue
    }
    if (checked.lost !== undefined) lost.push(checked.lost)
    segments.push(checked.segment)
    damages.push(...checked.damages)
    previous = checked.previous
  }
  damages.push(...(await verifySidecars(fileLayer, directory, idSeed(id), tail)))
  return { id: idText(id), start: toOffset(start), tail: toOffset(tail), segments, lost, damages }
}

/** The offset of the first record that is kept by now. */
async function startOf(layer: FileLayer, directory: string): Promise<number> {
  return (await readTail(layer, directory))?.record?.start ?? 0
}

/** Whether a segment is gone because nothing of it is kept any more. */
async function isTrimmed(layer: FileLayer, directory: string, base: number): Promise<boolean> {
  const isThere = (await layer.list(directory)).includes(segmentName(base))
  return !isThere && base < (await startOf(layer, directory))
}

interface Expected {
  readonly base: number
  /** The offset after the last record that has to be there. */
  readonly end: number
  /** The segment after it. */
  readonly next: number | undefined
  readonly id: Uint8Array
  /** The checksum of the frame before; undefined when it is not known. */
  readonly previous: number | undefined
}

interface Checked {
  readonly segment: VerifiedSegment
  readonly damages: LogDamage[]
  /** What is known to be missing after it. */
  readonly lost: LostRange | undefined
  readonly previous: number | undefined
}

async function verifySegment(
  layer: FileLayer,
  directory: string,
  { base, end, next, id, previous }: Expected,
): Promise<Checked> {
  const path = join(directory, segmentName(base))
  const damages: LogDamage[] = []
  const note = (position: number, offset: number, reason: string): void => {
    damages.push({ path, position, offset: toOffset(offset), reason })
  }
  let opened: SegmentFile
  try {
    opened = await openSegment(layer, directory, base, "read")
  } catch (error) {
    note(0, base, error instanceof Error ? error.message : String(error))
    const segment = { path, base: toOffset(base), records: 0, byteLength: 0 }
    return { segment, damages, lost: undefined, previous: undefined }
  }
  const { file, header } = opened
  try {
    const size = await file.size()
    if (!sameId(header.id, id)) note(0, base, "it belongs to another log")
    if (previous !== undefined && header.previous !== previous) {
      note(0, base, "it does not follow from the segment before it")
    }
    const position = SEGMENT_HEADER_BYTES
    const first = { position, offset: base, previous: header.previous }
    const reader = new FrameReader(file, first, idSeed(id), true)
    let fault: { readonly position: number; readonly reason: string } | undefined
    while (fault === undefined && reader.next.offset < end && reader.next.position < size) {
      fault = (await reader.read(end, size)).fault
    }
    await reader.idle()
    const { offset, position: at } = reader.next
    if (fault !== undefined) note(fault.position, offset, fault.reason)
    const isLost = offset < end && (await lostBefore(layer, directory, next)) === end - offset
    const lost = isLost ? { from: toOffset(offset), until: toOffset(end) } : undefined
    if (fault === undefined && offset !== end && !isLost) {
      note(at, offset, `it ends there, and offset ${end} should follow`)
    }
    if (fault === undefined && next !== undefined && at < size) {
      note(at, offset, `${size - at} bytes follow its last frame, and another segment begins`)
    }
    const records = offset - base
    const segment = { path, base: toOffset(base), records, byteLength: size }
    return {
      segment,
      damages,
      lost: fault === undefined ? lost : undefined,
      previous: fault === undefined && !isLost ? reader.next.previous : undefined,
    }
  } finally {
    await file.close()
  }
}
