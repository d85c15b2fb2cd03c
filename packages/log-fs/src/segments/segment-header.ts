import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"

/** The bytes "BMSG". */
const MAGIC = 0x424d5347
const ID_AT = 16
const VERSION = 1

export const SEGMENT_HEADER_BYTES: number = 64
export const LOG_ID_BYTES: number = 16

/** What a segment says of itself. */
export interface SegmentHeader {
  /** The log's id. */
  readonly id: Uint8Array
  /** The offset of the segment's first record. */
  readonly base: number
  /** The checksum of the last frame of the segment before it; 0 in the first. */
  readonly previous: number
  /** When it was made, in milliseconds since 1970: all that is before it is older; 0 when not known. */
  readonly createdMs: number
  /** How many records before its first one were lost to damage, as a repair has found; else 0. */
  readonly lost: number
}

/** What a header is made of. */
export type SegmentHeaderInit = Pick<SegmentHeader, "id" | "base" | "previous"> &
  Partial<SegmentHeader>

export type DecodedSegmentHeader =
  | { readonly type: "header"; readonly header: SegmentHeader }
  | { readonly type: "version"; readonly version: number }
  | { readonly type: "bad"; readonly reason: string }

export function encodeSegmentHeader(header: SegmentHeaderInit): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(8, VERSION)
  view.setUint32(12, header.previous)
  bytes.set(header.id, ID_AT)
  view.setBigUint64(32, BigInt(header.base))
  view.setBigUint64(40, BigInt(header.createdMs ?? 0))
  view.setBigUint64(48, BigInt(header.lost ?? 0))
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, 0))
  return bytes
}

export function decodeSegmentHeader(bytes: Uint8Array): DecodedSegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) {
    return {
      type: "bad",
      reason: `it has ${bytes.length} bytes, and a header has ${SEGMENT_HEADER_BYTES}`,
    }
  }
  const header = bytes.subarray(0, SEGMENT_HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset, SEGMENT_HEADER_BYTES)
  if (view.getUint32(0) !== MAGIC) {
    return { type: "bad", reason: "it does not begin with the magic of a segment" }
  }
  if (checksumOf(header, 0) !== view.getUint32(CHECKSUM_AT)) {
    return { type: "bad", reason: "the checksum of its header does not match" }
  }
  const version = view.getUint32(8)
  if (version !== VERSION) return { type: "version", version }
  const id = header.slice(ID_AT, ID_AT + LOG_ID_BYTES)
  const base = Number(view.getBigUint64(32))
  const createdMs = Number(view.getBigUint64(40))
  const lost = Number(view.getBigUint64(48))
  return { type: "header", header: { id, base, previous: view.getUint32(12), createdMs, lost } }
}
