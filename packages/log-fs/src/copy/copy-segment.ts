import { join } from "node:path"
import type { ProducerTable } from "@bellmouth/log"
import type { FileLayer, LayerFile } from "../files/file-layer.ts"
import { writeAll } from "../files/write-all.ts"
import { encodeFrame } from "../frames/frame.ts"
import { framePart } from "../frames/frame-part.ts"
import { FrameReader, type PlacedFrame } from "../frames/frame-reader.ts"
import { corrupt, lost } from "../segments/log-fault.ts"
import { sameId } from "../segments/log-id.ts"
import { lostBefore } from "../segments/lost-before.ts"
import { openSegment, type SegmentFile } from "../segments/segment-file.ts"
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES as HEADER } from "../segments/segment-header.ts"
import { segmentName } from "../segments/segment-name.ts"
import { SparseIndex } from "../segments/sparse-index.ts"

/** A system call takes no more parts than 1,024; each frame has two. */
const FRAMES_A_WRITE = 256

/** A log as a copy sees it. */
export interface CopySide {
  readonly directory: string
  readonly id: Uint8Array
  readonly seed: number
}

/** What to copy. */
export interface CopyInit {
  readonly layer: FileLayer
  readonly from: CopySide
  readonly to: CopySide
  readonly base: number
  /** The offset to stop before, at most `next`. */
  readonly end: number
  /** The base of the segment after it, if there is one. */
  readonly next: number | undefined
  /** The checksum of the last frame that was copied before. */
  readonly previous: number
  /** Takes the batches that are copied. */
  readonly producers: ProducerTable
}

/** A segment that was copied; it is on disk, and its name is not yet. */
export interface CopiedSegment {
  readonly previous: number
  readonly index: SparseIndex
}

/**
 * Copies the records of a segment into one of another log: its frames, under the other's identity and
 * chain. Every frame is checked.
 *
 * @throws {LogError} `CORRUPT`, and `OFFSET_LOST` when the copy would end among records that are lost.
 */
export async function copySegment(init: CopyInit): Promise<CopiedSegment> {
  const { layer, from, to, base } = init
  const path = join(to.directory, segmentName(base))
  const source = await openSegment(layer, from.directory, base, "read")
  try {
    if (!sameId(source.header.id, from.id)) {
      const reason = "it belongs to another log"
      throw corrupt({ path: source.path, position: 0, reason, offset: base })
    }
    await layer.remove(`${path}.tmp`)
    const target = await layer.open(`${path}.tmp`, "create")
    let copied: CopiedSegment
    try {
      copied = await copyInto(init, source, target)
    } finally {
      await target.close()
    }
    await layer.rename(`${path}.tmp`, path)
    return copied
  } finally {
    await source.file.close()
  }
}

async function copyInto(
  init: CopyInit,
  source: SegmentFile,
  target: LayerFile,
): Promise<CopiedSegment> {
  const { base, end, next, to, previous } = init
  await writeAll(target, [encodeSegmentHeader({ ...source.header, id: to.id, previous })], 0)
  const copy: Copy = { init, target, index: new SparseIndex(), previous, position: HEADER }
  const size = await source.file.size()
  const first = { position: HEADER, offset: base, previous: source.header.previous }
  const reader = new FrameReader(source.file, first, init.from.seed, true)
  try {
    while (reader.next.offset < end && reader.next.position < size) {
      const { bytes, frames, fault } = await reader.read(end, size)
      for (let at = 0; at < frames.length; at += FRAMES_A_WRITE) {
        await copyFrames(copy, bytes, frames.slice(at, at + FRAMES_A_WRITE))
      }
      const { offset } = reader.next
      if (fault !== undefined) throw corrupt({ path: source.path, offset, ...fault })
    }
  } finally {
    await reader.idle()
  }
  const { offset, position } = reader.next
  if (offset < end) {
    // What a repair has found to be lost is lost in the copy as well; a copy can not end there.
    const gap = await lostBefore(init.layer, init.from.directory, next)
    const isLost = next !== undefined && gap === next - offset
    if (isLost && next !== end) throw lost(offset, next)
    const reason = `it ends there, and offset ${end} should follow`
    if (!isLost) throw corrupt({ path: source.path, position, reason, offset })
  }
  await target.syncData()
  return { previous: copy.previous, index: copy.index }
}

/** How far a copy has come. */
interface Copy {
  readonly init: CopyInit
  readonly target: LayerFile
  readonly index: SparseIndex
  previous: number
  position: number
}

async function copyFrames(
  copy: Copy,
  bytes: Uint8Array,
  frames: readonly PlacedFrame[],
): Promise<void> {
  const { init, target, index } = copy
  const parts: Uint8Array[] = []
  const begin = copy.position
  for (const placed of frames) {
    const { offset } = placed.frame
    const content = framePart(bytes, placed, init.end - offset)
    const { head, crc } = encodeFrame(content, { offset, previous: copy.previous }, init.to.seed)
    parts.push(head, content.bytes)
    index.add(offset, copy.position)
    copy.position += head.length + content.bytes.length
    copy.previous = crc
    let next = offset
    for (const run of content.runs) {
      init.producers.settleRun(run, next)
      next += run.batches * run.count
    }
  }
  await writeAll(target, parts, begin)
}
