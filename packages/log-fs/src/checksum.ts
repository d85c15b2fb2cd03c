import { crc32 } from "node:zlib"

/**
 * The CRC-32 (IEEE, as in zlib) of some bytes, going on from `seed`. All checksums of one log begin
 * from the CRC of its id, so that the bytes of another log never verify.
 */
export function checksum(bytes: Uint8Array, seed: number): number {
  return crc32(bytes, seed)
}

/** The CRC-32 of bytes that hold their own checksum as the u32 at `at`, which is left out. */
export function checksumAround(bytes: Uint8Array, at: number, seed: number): number {
  return crc32(bytes.subarray(at + 4), crc32(bytes.subarray(0, at), seed))
}
