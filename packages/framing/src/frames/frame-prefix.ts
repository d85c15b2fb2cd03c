/**
 * How the length of a frame is written before it. Give your own for another header.
 *
 * @example A header of one byte
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeFrames, encodeFrames, type FramePrefix } from "@bellmouth/framing"
 *
 * const u8: FramePrefix = {
 *   maxLength: 255,
 *   sizeAt: (bytes, at) => (at < bytes.length ? 1 : 0),
 *   lengthAt: (bytes, at) => bytes[at] ?? -1,
 *   encode: (length) => Uint8Array.of(length),
 * }
 * const bytes = encodeFrames([Uint8Array.of(7, 8)], { prefix: u8 })
 * assert.deepEqual(bytes, Uint8Array.of(2, 7, 8))
 * assert.deepEqual(decodeFrames(bytes, { prefix: u8 }), [Uint8Array.of(7, 8)])
 * ```
 */
export interface FramePrefix {
  /** The longest body that the prefix can say, in bytes. */
  readonly maxLength: number
  /**
   * The size of the prefix that begins at `at`, in bytes, or 0 while it is not whole: for 1,024 bytes
   * at most, for they are held.
   */
  sizeAt(bytes: Uint8Array, at: number): number
  /** The length that the whole prefix at `at` says; anything else, such as -1, is not valid. */
  lengthAt(bytes: Uint8Array, at: number): number
  /** Writes a length from 0 to `maxLength`. */
  encode(length: number): Uint8Array
}

/**
 * Four bytes, most significant first: up to 4,294,967,295.
 *
 * @example Write a length
 * ```ts
 * import assert from "node:assert/strict"
 * import { u32Prefix } from "@bellmouth/framing"
 *
 * assert.deepEqual(u32Prefix.encode(258), Uint8Array.of(0, 0, 1, 2))
 * ```
 */
export const u32Prefix: FramePrefix = {
  maxLength: 0xffff_ffff,
  sizeAt: (bytes, at) => (bytes.length - at < 4 ? 0 : 4),
  lengthAt: (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0),
  encode: (length) => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, length)
    return bytes
  },
}

const MAX_VARINT_BYTES = 10

/**
 * An unsigned LEB128 number, as before delimited Protocol Buffers messages: seven bits a byte,
 * least significant first, up to 2^53 - 1. Only the shortest form is valid.
 *
 * @example Write a length
 * ```ts
 * import assert from "node:assert/strict"
 * import { varintPrefix } from "@bellmouth/framing"
 *
 * assert.deepEqual(varintPrefix.encode(300), Uint8Array.of(0xac, 0x02))
 * ```
 */
export const varintPrefix: FramePrefix = {
  maxLength: Number.MAX_SAFE_INTEGER,
  sizeAt: varintSize,
  lengthAt: (bytes, at) => {
    const size = varintSize(bytes, at)
    return size > 1 && bytes[at + size - 1] === 0 ? -1 : varintLength(bytes, at)
  },
  encode: (length) => {
    const bytes: number[] = []
    for (; length >= 0x80; length = Math.floor(length / 0x80)) bytes.push((length % 0x80) | 0x80)
    bytes.push(length)
    return Uint8Array.from(bytes)
  },
}

/**
 * The {@link varintPrefix} that also reads a number in more bytes than it needs, up to ten.
 *
 * @example Read a padded length
 * ```ts
 * import assert from "node:assert/strict"
 * import { lenientVarintPrefix, varintPrefix } from "@bellmouth/framing"
 *
 * const padded = Uint8Array.of(0x80, 0x00)
 * assert.equal(lenientVarintPrefix.lengthAt(padded, 0), 0)
 * assert.equal(varintPrefix.lengthAt(padded, 0), -1)
 * ```
 */
export const lenientVarintPrefix: FramePrefix = { ...varintPrefix, lengthAt: varintLength }

function varintSize(bytes: Uint8Array, at: number): number {
  for (let size = 1; size <= MAX_VARINT_BYTES; size++) {
    const byte = bytes[at + size - 1]
    if (byte === undefined) return 0
    if (byte < 0x80) return size
  }
  return MAX_VARINT_BYTES
}

function varintLength(bytes: Uint8Array, at: number): number {
  let length = 0
  for (let size = 1, scale = 1; size <= MAX_VARINT_BYTES; size++, scale *= 0x80) {
    const byte = bytes[at + size - 1] ?? 0
    length += (byte % 0x80) * scale
    if (byte < 0x80) return Number.isSafeInteger(length) ? length : -1
  }
  return -1
}
