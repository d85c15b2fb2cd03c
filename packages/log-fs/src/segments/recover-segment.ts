import { join } from "node:path"
import type { ProducerTable } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { readRange } from "../files/write-all.ts"
import { decodeFrame } from "../frames/frame.ts"
import { type FrameExpectation, FrameReader } from "../frames/frame-reader.ts"
import { corrupt } from "./log-fault.ts"
import { settleFrame } from "./producer-state.ts"
import { createDurably, type SegmentFile } from "./segment-file.ts"
import { withoutFill } from "./segment-fill.ts"
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts"
import { tornName } from "./segment-name.ts"
import { SparseIndex } from "./sparse-index.ts"

const MAGIC = Buffer.from("BMFR")
/** Looking for a later frame ends after checking so many bytes; then nothing is cut off. */
const SEARCH_BYTES = 1_073_741_824

/** What recovery cut off the end of a log: a write that never finished, and was not acknowledged. */
export interface Recovery {
  /** The tail after recovery: the offset of the first record that is not there. */
  readonly offset: number
  /** The segment that was cut, and where. */
  readonly path: string
  readonly position: number
  /** How many bytes were cut off. */
  readonly byteLength: number
  /** Why they are not records, as the end of a sentence. */
  readonly reason: string
  /** The file that they were moved to. */
  readonly keptAs: string
}

/** The last segment as it goes on. */
export interface RecoveredSegment {
  readonly next: FrameExpectation
  readonly index: SparseIndex
  readonly recovery: Recovery | undefined
}

/**
 * Checks every frame of the last segment, takes its batches into `producers`, and cuts a torn tail
 * back.
 *
 * A tail is torn when its first bad frame is at `synced` or after, and nothing valid follows it:
 * one write under way when the writer died. Everything else is damage to what was acknowledged.
 *
 * @throws {LogError} `CORRUPT`; nothing was changed.
 */
export async function recoverSegment(
  layer: FileLayer,
  directory: string,
  segment: SegmentFile,
  synced: number,
  seed: number,
  producers: ProducerTable,
): Promise<RecoveredSegment> {
  const { file, path, header } = segment
  const size = await file.size()
  const first = { position: SEGMENT_HEADER_BYTES, offset: header.base, previous: header.previous }
  const reader = new FrameReader(file, first, seed)
  const index = new SparseIndex()
  let fault: string | undefined
  while (reader.next.position < size && fault === undefined) {
    const before = reader.next.position
    const chunk = await reader.read(Number.POSITIVE_INFINITY, size)
    for (const { frame, at } of chunk.frames) {
      index.add(frame.offset, before + at)
      settleFrame(producers, frame.runs, frame.offset)
    }
    fault = chunk.fault?.reason
  }
  const { offset, position } = reader.next
  const damage = { path, position, offset }
  const rest = await readRange(file, position, size)
  const cut = withoutFill(rest)
  if (fault === undefined || cut.length === 0) {
    if (offset < synced) {
      const reason = `it ends there, and records up to offset ${synced} were acknowledged`
      throw corrupt({ ...damage, reason })
    }
    if (position < size) await file.truncate(position)
    return { next: reader.next, index, recovery: undefined }
  }
  if (offset < synced) throw corrupt({ ...damage, reason: fault })
  // A frame may end with zeros of its own.
  const later = laterFrame(rest, offset, seed)
  if (later !== undefined) {
    throw corrupt({ ...damage, reason: `${fault}, and ${later}` })
  }
  const name = await freeName(layer, directory, tornName(header.base, position))
  await createDurably(layer, directory, name, cut)
  await file.truncate(position)
  const keptAs = join(directory, name)
  const recovery = { ...damage, byteLength: cut.length, reason: fault, keptAs }
  return { next: reader.next, index, recovery }
}

/** What was cut off before, at the same place, is kept as well. */
async function freeName(layer: FileLayer, directory: string, name: string): Promise<string> {
  const taken = new Set(await layer.list(directory))
  let free = name
  for (let next = 2; taken.has(free); next++) free = `${name}-${next}`
  return free
}

/** Says that there is a whole frame with a later offset, or that it can not be ruled out. */
function laterFrame(bytes: Uint8Array, offset: number, seed: number): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let checked = 0
  for (let at = buffer.indexOf(MAGIC); at >= 0; at = buffer.indexOf(MAGIC, at + 1)) {
    const frame = decodeFrame(view, at, seed)
    if (frame.type === "frame" && frame.offset > offset) {
      return `a whole frame for offset ${frame.offset} is there`
    }
    if (frame.type !== "short") checked += view.getUint32(at + 8)
    if (checked > SEARCH_BYTES) return "what follows looks like more frames than can be checked"
  }
  return undefined
}
