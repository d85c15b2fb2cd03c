import { crc32 } from "node:zlib"

/** Everything that is checked begins with a magic and its checksum, which covers what is after. */
const COVERED_FROM = 8

/** Where the checksum lies in everything that has one. */
export const CHECKSUM_AT: number = 4

/**
 * The CRC-32 (IEEE, as in zlib) of some bytes, going on from `seed`. The checksums of one log begin
 * from the CRC of its id, so that the bytes of another log never verify.
 */
export function checksum(bytes: Uint8Array, seed: number): number {
  return crc32(bytes, seed)
}

/** The checksum of what begins with a magic and the place of the checksum itself. */
export function checksumOf(bytes: Uint8Array, seed: number): number {
  return crc32(bytes.subarray(COVERED_FROM), seed)
}
