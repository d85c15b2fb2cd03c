import fc from "fast-check"
import { expect, test } from "vitest"
import { hex, runDecoder } from "../../testing/cuts.ts"
import { cutAt, hostileBytes } from "../../testing/hostile.ts"
import { FrameDecoder } from "./frame-decoder.ts"

/** A prefix: how long it is, and what it says. `undefined`: it is cut off. */
type ReadPrefix = (bytes: Uint8Array) => { size: number; length: bigint } | undefined

const readU32: ReadPrefix = (bytes) => {
  if (bytes.length < 4) return undefined
  return { size: 4, length: BigInt(`0x${hex(bytes.subarray(0, 4))}`) }
}

/** A length of -1 is none: over-long, past 2^53 - 1, or without end. */
const readVarint: ReadPrefix = (bytes) => {
  let length = 0n
  for (let at = 0; at < 10; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length |= BigInt(byte & 0x7f) << BigInt(7 * at)
    if (byte >= 0x80) continue
    const isOverlong = at > 0 && byte === 0
    return { size: at + 1, length: isOverlong || length >= 2n ** 53n ? -1n : length }
  }
  return { size: 10, length: -1n }
}

/** The slow, obvious twin: whole bytes, one frame after the other. */
function twin(bytes: Uint8Array, read: ReadPrefix, most: number): object {
  const values: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const place = { record: values.length + 1, byteOffset: at }
    const prefix = read(bytes.subarray(at))
    if (prefix === undefined) return { values, error: { code: "TRUNCATED", ...place } }
    if (prefix.length < 0) return { values, error: { code: "INVALID_LENGTH", ...place } }
    if (prefix.length > most) return { values, error: { code: "FRAME_TOO_LARGE", ...place } }
    const start = at + prefix.size
    at = start + Number(prefix.length)
    if (at > bytes.length) return { values, error: { code: "TRUNCATED", ...place } }
    values.push(hex(bytes.subarray(start, at)))
  }
  return { values, error: undefined }
}

for (const [prefix, read, pieces] of [
  ["u32", readU32, ["\0\0\0\x01a", "\0\0\0\0", "\0\0\0\x03", "\0", "\x01", "abc"]],
  ["varint", readVarint, ["\x01a", "\0", "\x02ab", "\x03", "\x80", "\x80\x01", "\x7f"]],
] as const)
  test(`FrameDecoder of ${prefix} agrees with its slow twin for any bytes and any cut`, () => {
    const seen = new Set<unknown>()
    fc.assert(
      fc.property(
        hostileBytes(pieces),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.constantFrom(1, 3, 200, Number.POSITIVE_INFINITY),
        (bytes, cut, maxFrameBytes) => {
          const decoder = new FrameDecoder({ prefix, maxFrameBytes })
          const { values, error } = runDecoder(decoder, cutAt(bytes, cut), hex)
          const { code, record, byteOffset } = (error ?? {}) as Record<string, unknown>
          const place = error === undefined ? undefined : { code, record, byteOffset }
          expect({ values, error: place }).toStrictEqual(twin(bytes, read, maxFrameBytes))
          seen.add(code)
        },
      ),
      { numRuns: 4000 },
    )
    const invalid = prefix === "varint" ? ["INVALID_LENGTH"] : []
    expect(seen).toEqual(new Set([undefined, "FRAME_TOO_LARGE", "TRUNCATED", ...invalid]))
  })
