import { CHECKSUM_AT, checksumOf } from "./checksum.ts"
import { LOG_ID_BYTES } from "./segment-header.ts"

/** The bytes "BMTL". */
const MAGIC = 0x424d544c
const ID_AT = 8
const RECORD_BYTES = 64
/** The records lie in sectors of their own, so that a torn write harms one of them. */
const SLOT_BYTES = 512
/** Two published records, written in turn, and two anchors, written in turn and synced each time. */
const SLOTS = 4

export const TAIL_FILE_BYTES: number = SLOTS * SLOT_BYTES

/** What the writer has published. */
export interface TailRecord {
  readonly id: Uint8Array
  /** Goes up by one with each record; the highest counts. */
  readonly sequence: number
  /** Readers read no further than here. */
  readonly tail: number
  /** What the storage said to be on disk. */
  readonly synced: number
  /** The offset of the first record that is kept. */
  readonly start: number
}

/** Where in the file a record goes. Published ones are not synced: two may be torn by a power cut. */
export function tailPosition(sequence: number, kind: "published" | "anchor"): number {
  return ((sequence % 2) + (kind === "anchor" ? 2 : 0)) * SLOT_BYTES
}

export function encodeTailRecord(record: TailRecord): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  bytes.set(record.id, ID_AT)
  view.setBigUint64(24, BigInt(record.sequence))
  view.setBigUint64(32, BigInt(record.tail))
  view.setBigUint64(40, BigInt(record.synced))
  view.setBigUint64(48, BigInt(record.start))
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, 0))
  return bytes
}

/** Gives the latest record of a tail file, or undefined when none is whole. */
export function decodeTailFile(bytes: Uint8Array): TailRecord | undefined {
  let latest: TailRecord | undefined
  for (let at = 0; at < TAIL_FILE_BYTES; at += SLOT_BYTES) {
    const record = decodeTailRecord(bytes.subarray(at, at + RECORD_BYTES))
    if (record !== undefined && record.sequence >= (latest?.sequence ?? 0)) latest = record
  }
  return latest
}

function decodeTailRecord(bytes: Uint8Array): TailRecord | undefined {
  if (bytes.length < RECORD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_BYTES)
  if (view.getUint32(0) !== MAGIC) return undefined
  if (checksumOf(bytes, 0) !== view.getUint32(CHECKSUM_AT)) return undefined
  return {
    id: bytes.slice(ID_AT, ID_AT + LOG_ID_BYTES),
    sequence: Number(view.getBigUint64(24)),
    tail: Number(view.getBigUint64(32)),
    synced: Number(view.getBigUint64(40)),
    start: Number(view.getBigUint64(48)),
  }
}
