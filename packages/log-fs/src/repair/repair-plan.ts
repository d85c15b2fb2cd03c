import { join } from "node:path"
import { LogError, type ProducerState, ProducerTable } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { readFile } from "../files/read-file.ts"
import { idSeed, sameId } from "../segments/log-id.ts"
import { readState, settleFrame } from "../segments/producer-state.ts"
import {
  type BadRange,
  type FoundFrame,
  type FrameRange,
  salvageSegment,
} from "../segments/salvage-segment.ts"
import {
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from "../segments/segment-header.ts"
import { segmentName } from "../segments/segment-name.ts"

/** A segment that is to stand in the place of a damaged one, or of a part of it. */
export interface NewSegment {
  readonly header: SegmentHeader
  /** The bytes of its frames, in the damaged segment. */
  readonly position: number
  readonly end: number
  /** The producers before it, when its state file has to be made. */
  readonly state: readonly ProducerState[] | undefined
}

/** What is to become of a segment. */
export interface SegmentPlan {
  readonly base: number
  readonly path: string
  /** What is wrong with it, and not only with what is before it. */
  readonly bad: readonly BadRange[]
  /** What takes its place. */
  readonly made: readonly NewSegment[]
  /** Whether that is what is there. */
  readonly isSame: boolean
}

/** Records that were acknowledged, and are not there. */
export interface LostRecords {
  readonly from: number
  readonly until: number
}

/** What is known of a log before its segments are read. */
export interface PlanStart {
  readonly id: Uint8Array
  readonly bases: readonly number[]
  /** The offset of the first record that is kept, when it is known. */
  readonly start: number | undefined
  /** So many records were on disk. */
  readonly synced: number
}

/** How a log is to be repaired. */
export interface SegmentsPlan {
  readonly segments: readonly SegmentPlan[]
  readonly lost: readonly LostRecords[]
  /** Where the log begins and ends then. */
  readonly start: number
  readonly tail: number
  /** The segment that the log goes on in when its last records are lost. */
  readonly last: NewSegment | undefined
}

/** The log as far as it was read. */
interface Progress {
  tail: number
  /** The checksum of the last frame; undefined when it is lost. */
  crc: number | undefined
  producers: ProducerTable
  last: FoundFrame | undefined
  /** Whether a record or a segment that stays was seen. */
  isBegun: boolean
}

/** Reads all segments, one at a time, and says what can be proven of each. Changes nothing. */
export async function planSegments(
  layer: FileLayer,
  directory: string,
  { id, bases, start: known, synced }: PlanStart,
): Promise<SegmentsPlan> {
  const seed = idSeed(id)
  let start = known ?? bases[0] ?? 0
  const progress: Progress = {
    tail: start,
    crc: undefined,
    producers: new ProducerTable(),
    last: undefined,
    isBegun: false,
  }
  const segments: SegmentPlan[] = []
  const lost: LostRecords[] = []
  /** Goes on at `offset`; `known` records before it were found to be lost by an earlier repair. */
  const gapTo = (offset: number, known: number): number => {
    const count = offset - progress.tail
    if (count > 0 && count !== known) lost.push({ from: progress.tail, until: offset })
    // What is lost before the first record is not between any: the log begins later.
    if (count > 0 && !progress.isBegun) start = offset
    const isBetween = progress.isBegun
    progress.isBegun = true
    progress.tail = offset
    return isBetween ? Math.max(0, count) : known
  }
  for (const [index, base] of bases.entries()) {
    const limit = bases[index + 1] ?? Number.POSITIVE_INFINITY
    const path = join(directory, segmentName(base))
    const bytes = await readFile(layer, path)
    const { header, fault } = readHeader(bytes, path, id, base)
    const states = base === 0 ? [] : await readState(layer, directory, base, seed)
    if (states !== undefined) {
      progress.producers = new ProducerTable()
      progress.producers.restore(states)
    }
    const isNext = progress.isBegun && progress.tail === base
    if (isNext && header !== undefined && header.previous !== progress.crc) {
      dropLast(progress, segments)
    }
    const previous = header?.previous ?? (isNext ? progress.crc : undefined)
    const salvage = salvageSegment(bytes, { base, limit, previous, seed })
    const bad = [...salvage.bad]
    const torn = limit === Number.POSITIVE_INFINITY ? bad.at(-1) : undefined
    // An unfinished write is no damage: the next writer cuts it off, and keeps it.
    if (torn?.end === bytes.length && torn.offset >= synced && isLast(torn, salvage.ranges))
      bad.pop()
    if (fault !== undefined) {
      bad.unshift({ position: 0, end: SEGMENT_HEADER_BYTES, offset: base, reason: fault })
    }
    const made: NewSegment[] = []
    const take = (from: number, range: FrameRange | undefined): void => {
      const isKnown = from === base && states !== undefined
      const state = isKnown ? undefined : progress.producers.snapshot()
      const crc = range?.previous ?? header?.previous ?? progress.crc ?? 0
      const createdMs = header?.createdMs ?? 0
      const place = { position: range?.position ?? 0, end: range?.end ?? 0 }
      const lost = gapTo(from, from === base ? (header?.lost ?? 0) : 0)
      made.push({ header: { id, base: from, previous: crc, createdMs, lost }, ...place, state })
      for (const { frame } of range?.frames ?? []) {
        settleFrame(progress.producers, frame.runs, frame.offset)
      }
      progress.tail = range?.until ?? from
      progress.crc = range?.crc ?? crc
      progress.last = range?.frames.at(-1)
    }
    // The last one may be there to say where the log goes on; any other says nothing.
    const isEnd = limit === Number.POSITIVE_INFINITY && bad.length === 0 && base >= progress.tail
    if (salvage.ranges.length === 0 && header !== undefined && isEnd) take(base, undefined)
    for (const range of salvage.ranges) take(range.from, range)
    const [only] = made
    const isSame =
      bad.length === 0 &&
      made.length === 1 &&
      only?.header.base === base &&
      header?.previous === only.header.previous &&
      header.lost === only.header.lost
    segments.push({ base, path, bad, made, isSame })
  }
  if (progress.tail >= synced && progress.isBegun) {
    return { segments, lost, start, tail: progress.tail, last: undefined }
  }
  const state = progress.producers.snapshot()
  const previous = progress.crc ?? 0
  const header = { id, base: synced, previous, createdMs: 0, lost: gapTo(synced, 0) }
  return { segments, lost, start, tail: synced, last: { header, position: 0, end: 0, state } }
}

/** The segment after names another frame before it than the one that is there: an old block. */
function dropLast(progress: Progress, segments: SegmentPlan[]): void {
  const plan = segments.pop()
  const made = plan?.made.at(-1)
  const { last } = progress
  if (plan === undefined || made === undefined || last === undefined) {
    if (plan !== undefined) segments.push(plan)
    return
  }
  const { position, frame } = last
  const end = made.end
  const reason = "the segment after it names another frame than its last one"
  const bad = [...plan.bad, { position, end, offset: frame.offset, reason }]
  segments.push({
    ...plan,
    bad,
    made: [...plan.made.slice(0, -1), { ...made, end: position }],
    isSame: false,
  })
  progress.tail = frame.offset
  progress.last = undefined
}

function isLast(bad: BadRange, ranges: readonly FrameRange[]): boolean {
  return (ranges.at(-1)?.end ?? 0) <= bad.position
}

interface ReadHeader {
  readonly header: SegmentHeader | undefined
  /** What is wrong with it. */
  readonly fault: string | undefined
}

function readHeader(bytes: Uint8Array, path: string, id: Uint8Array, base: number): ReadHeader {
  const decoded = decodeSegmentHeader(bytes)
  if (decoded.type === "version") {
    throw new LogError(
      "UNSUPPORTED_VERSION",
      `Cannot repair ${path}: it is of format version ${decoded.version}, and this knows version 1; update`,
      { path },
    )
  }
  if (decoded.type === "bad") return { header: undefined, fault: decoded.reason }
  const { header } = decoded
  if (!sameId(header.id, id)) return { header: undefined, fault: "it belongs to another log" }
  if (header.base === base) return { header, fault: undefined }
  return { header: undefined, fault: `its header is for offset ${header.base}` }
}
