import type { Commit, CommitRun, Framing, ProducerBatch } from "@bellmouth/log"
import { CHECKSUM_AT, checksum, checksumOf } from "../files/checksum.ts"
import { decodeProducer, encodeProducer } from "./frame-producer.ts"

/** The bytes "BMFR". */
const MAGIC = 0x424d4652
const LENGTH_AT = 8
const HEAD_BYTES = 32
const RUN_BYTES = 16
/** The kind of an entry that names the producer of the run after it; the others are framings. */
const PRODUCER = 2
const NOTHING = new Uint8Array(0)
const FRAMINGS: readonly Framing[] = ["lines", "sized"]

/** The least bytes that say how long a frame is. */
export const FRAME_HEAD_BYTES: number = HEAD_BYTES

/** What ties a frame to its place. */
export interface FramePlace {
  /** The offset of the frame's first record. */
  readonly offset: number
  /** The checksum of the frame before it. */
  readonly previous: number
}

/** Some records of a frame that are framed alike, and lie one after another. */
export interface FrameRun {
  readonly framing: Framing
  /** How many batches there are, each of `count / batches` records. */
  readonly batches: number
  readonly count: number
  /** Where the run's bytes begin, counted from the begin of the frame. */
  readonly at: number
  readonly byteLength: number
  /** Who has sent the first batch; each next one has a sequence that is one more. */
  readonly producer: ProducerBatch | undefined
}

/** What `decodeFrame` found at a position. */
export type DecodedFrame =
  | {
      readonly type: "frame"
      readonly byteLength: number
      readonly crc: number
      readonly previous: number
      readonly offset: number
      readonly count: number
      readonly runs: readonly FrameRun[]
    }
  | { readonly type: "short"; readonly needed: number }
  | { readonly type: "bad"; readonly reason: string }

/** The head of a frame, which its commit's bytes follow, and the checksum over both. */
export interface EncodedFrame {
  readonly head: Uint8Array
  readonly crc: number
}

/** Encodes all of a frame but the records, which lie in `commit.bytes` as they are stored. */
export function encodeFrame(
  commit: Pick<Commit, "runs" | "count" | "bytes">,
  place: FramePlace,
  seed: number,
): EncodedFrame {
  const entries = commit.runs.flatMap(toEntries)
  const table = entries.length * RUN_BYTES
  const extras = entries.reduce((sum, { extra }) => sum + extra.length, 0)
  const head = new Uint8Array(HEAD_BYTES + table + extras)
  const view = new DataView(head.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(LENGTH_AT, head.length + commit.bytes.length)
  view.setUint32(12, place.previous)
  view.setBigUint64(16, BigInt(place.offset))
  view.setUint32(24, commit.count)
  view.setUint32(28, entries.length)
  let at = HEAD_BYTES
  let extraAt = HEAD_BYTES + table
  for (const { kind, batches, count, byteLength, extra } of entries) {
    view.setUint8(at, kind)
    view.setUint32(at + 4, batches)
    view.setUint32(at + 8, count)
    view.setUint32(at + 12, byteLength)
    at += RUN_BYTES
    head.set(extra, extraAt)
    extraAt += extra.length
  }
  const crc = checksum(commit.bytes, checksumOf(head, seed))
  view.setUint32(CHECKSUM_AT, crc)
  return { head, crc }
}

/** An entry of the table, and what it adds after the table. */
interface Entry {
  readonly kind: number
  readonly batches: number
  readonly count: number
  readonly byteLength: number
  readonly extra: Uint8Array
}

function toEntries({ framing, batches, count, byteLength, producer }: CommitRun): Entry[] {
  const run = { kind: FRAMINGS.indexOf(framing), batches, count, byteLength, extra: NOTHING }
  if (producer === undefined) return [run]
  const extra = encodeProducer(producer)
  return [{ kind: PRODUCER, batches: 0, count: 0, byteLength: extra.length, extra }, run]
}

/**
 * Decodes the frame at `at`. It is checked in itself: that it is the next one, its `offset` and
 * `previous` have to say.
 */
export function decodeFrame(view: DataView, at: number, seed: number): DecodedFrame {
  const available = view.byteLength - at
  if (available < HEAD_BYTES) return { type: "short", needed: HEAD_BYTES }
  if (view.getUint32(at) !== MAGIC) return bad("it does not begin with the magic of a frame")
  const byteLength = view.getUint32(at + LENGTH_AT)
  if (byteLength < HEAD_BYTES + RUN_BYTES) {
    return bad(`its length of ${byteLength} bytes is too small`)
  }
  if (byteLength > available) return { type: "short", needed: byteLength }
  const crc = view.getUint32(at + CHECKSUM_AT)
  const frame = new Uint8Array(view.buffer, view.byteOffset + at, byteLength)
  if (checksumOf(frame, seed) !== crc) return bad("its checksum does not match")
  const runs = decodeRuns(view, at, byteLength)
  if (runs === undefined) return bad("its table of runs does not add up")
  return {
    type: "frame",
    byteLength,
    crc,
    previous: view.getUint32(at + 12),
    // Twice as fast as by way of a BigInt; what is past 2^53 is no offset that can be next.
    offset: view.getUint32(at + 16) * 2 ** 32 + view.getUint32(at + 20),
    count: view.getUint32(at + 24),
    runs,
  }
}

function decodeRuns(view: DataView, begin: number, byteLength: number): FrameRun[] | undefined {
  const entries = view.getUint32(begin + 28)
  let extraAt = HEAD_BYTES + entries * RUN_BYTES
  if (entries === 0 || extraAt > byteLength) return undefined
  let at = extraAt
  for (let entryAt = begin + HEAD_BYTES; entryAt < begin + extraAt; entryAt += RUN_BYTES) {
    if (view.getUint8(entryAt) === PRODUCER) at += view.getUint32(entryAt + 12)
    // These bytes are not in use: a frame that sets one says what this version can not know.
    if ((view.getUint8(entryAt + 1) | view.getUint16(entryAt + 2)) !== 0) return undefined
  }
  const runs: FrameRun[] = []
  let total = 0
  let producer: ProducerBatch | undefined
  const end = begin + extraAt
  for (let entryAt = begin + HEAD_BYTES; entryAt < end; entryAt += RUN_BYTES) {
    const size = view.getUint32(entryAt + 12)
    const kind = view.getUint8(entryAt)
    if (kind === PRODUCER) {
      if (producer !== undefined || extraAt + size > byteLength) return undefined
      producer = decodeProducer(view, begin + extraAt, size)
      if (producer === undefined) return undefined
      extraAt += size
      continue
    }
    const framing = FRAMINGS[kind]
    const [batches, each] = [view.getUint32(entryAt + 4), view.getUint32(entryAt + 8)]
    const count = batches * each
    if (framing === undefined || count === 0) return undefined
    runs.push({ framing, batches, count, at, byteLength: size, producer })
    producer = undefined
    at += size
    total += count
  }
  const isWhole =
    producer === undefined && at === byteLength && total === view.getUint32(begin + 24)
  return isWhole ? runs : undefined
}

function bad(reason: string): DecodedFrame {
  return { type: "bad", reason }
}
