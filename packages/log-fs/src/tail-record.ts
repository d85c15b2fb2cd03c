import { CHECKSUM_AT, checksumOf } from "./checksum.ts"
import { LOG_ID_BYTES } from "./segment-header.ts"

/** The bytes "BMTL". */
const MAGIC = 0x424d544c
const ID_AT = 8
const RECORD_BYTES = 64
/** The two records lie in sectors of their own, so that a torn write harms one of them. */
const SLOT_BYTES = 512

export const TAIL_FILE_BYTES: number = 2 * SLOT_BYTES

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

/** Encodes a record, and says where in the file it goes. */
export function encodeTailRecord(record: TailRecord): { bytes: Uint8Array; position: number } {
  const bytes = new Uint8Array(RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  bytes.set(record.id, ID_AT)
  view.setBigUint64(24, BigInt(record.sequence))
  view.setBigUint64(32, BigInt(record.tail))
  view.setBigUint64(40, BigInt(record.synced))
  view.setBigUint64(48, BigInt(record.start))
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, 0))
  return { bytes, position: (record.sequence % 2) * SLOT_BYTES }
}

/** Gives the latest record of a tail file, or undefined when neither is whole. */
export function decodeTailFile(bytes: Uint8Array): TailRecord | undefined {
  const first = decodeTailRecord(bytes.subarray(0, RECORD_BYTES))
  const second = decodeTailRecord(bytes.subarray(SLOT_BYTES, SLOT_BYTES + RECORD_BYTES))
  if (first === undefined || second === undefined) return first ?? second
  return first.sequence > second.sequence ? first : second
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
