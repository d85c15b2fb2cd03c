import type { Level } from "@bellmouth/log"
import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"
import { LOG_ID_BYTES } from "./segment-header.ts"

/** The bytes "BMTL". */
const MAGIC = 0x424d544c
const ID_AT = 8
const LEVEL_AT = 56
const STATE_AT = 57
const EPOCH_AT = 58
const RECORD_BYTES = 64
/** The levels by their numbers. */
const LEVELS: readonly Level[] = ["disk", "process"]
/** Set in the state while a writer has the log open. */
const OPEN = 1
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
  /** What the writer acknowledges with. */
  readonly level: Level
  /** Whether the writer has not closed the log: it runs, or it has died. */
  readonly isOpen: boolean
  /** Which writer it is: each one has a higher epoch than those before. Less than 2^48. */
  readonly epoch: number
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
  view.setUint8(LEVEL_AT, LEVELS.indexOf(record.level))
  view.setUint8(STATE_AT, record.isOpen ? OPEN : 0)
  view.setUint16(EPOCH_AT, Math.floor(record.epoch / 2 ** 32))
  view.setUint32(EPOCH_AT + 2, record.epoch % 2 ** 32)
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
  const level = LEVELS[view.getUint8(LEVEL_AT)]
  if (level === undefined) return undefined
  return {
    id: bytes.slice(ID_AT, ID_AT + LOG_ID_BYTES),
    sequence: Number(view.getBigUint64(24)),
    tail: Number(view.getBigUint64(32)),
    synced: Number(view.getBigUint64(40)),
    start: Number(view.getBigUint64(48)),
    level,
    isOpen: (view.getUint8(STATE_AT) & OPEN) !== 0,
    epoch: view.getUint16(EPOCH_AT) * 2 ** 32 + view.getUint32(EPOCH_AT + 2),
  }
}
