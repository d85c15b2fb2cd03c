import { CHECKSUM_AT, checksumOf } from "./checksum.ts"

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
}

export type DecodedSegmentHeader =
  | { readonly type: "header"; readonly header: SegmentHeader }
  | { readonly type: "version"; readonly version: number }
  | { readonly type: "bad"; readonly reason: string }

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(8, VERSION)
  view.setUint32(12, header.previous)
  bytes.set(header.id, ID_AT)
  view.setBigUint64(32, BigInt(header.base))
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
  return { type: "header", header: { id, base, previous: view.getUint32(12) } }
}
