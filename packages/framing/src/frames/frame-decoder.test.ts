import { expect, test } from "vitest"
import { cuts, hex, runDecoder } from "../../testing/cuts.ts"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { encodeFrames } from "./encode-frames.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import type { FrameOptions } from "./frame-options.ts"
import { type FramePrefix, lenientVarintPrefix, u32Prefix } from "./frame-prefix.ts"

testDecodeVectors<FrameOptions, Uint8Array>(
  "frames-decode",
  (options) => new FrameDecoder(options),
  hex,
)

/** A flag and four bytes of length, as gRPC has them. */
const flagged: FramePrefix = {
  maxLength: u32Prefix.maxLength,
  sizeAt: (bytes, at) => (bytes.length - at < 5 ? 0 : 5),
  lengthAt: (bytes, at) => (bytes[at] === 0 ? u32Prefix.lengthAt(bytes, at + 1) : -1),
  encode: (length) => Uint8Array.of(0, ...u32Prefix.encode(length)),
}

test("FrameDecoder reads a prefix of one's own, however it is cut", () => {
  const sent = [Uint8Array.of(7), new Uint8Array(0), Uint8Array.of(8, 9)]
  const bytes = encodeFrames(sent, { prefix: flagged })
  for (const [cut, chunks] of cuts(bytes)) {
    const { values, error } = runDecoder(new FrameDecoder({ prefix: flagged }), chunks, hex)
    expect({ values, error }, cut).toEqual({ values: sent.map(hex), error: undefined })
  }
  for (const [cut, chunks] of cuts(Uint8Array.of(...bytes, 1, 0, 0, 0, 0))) {
    const { error } = runDecoder(new FrameDecoder({ prefix: flagged }), chunks, hex)
    const place = { code: "INVALID_LENGTH", record: 4, byteOffset: bytes.length }
    expect(error, cut).toMatchObject(place)
  }
})

test("encodeFrames refuses a body that its prefix can not say, or over the limit", () => {
  const short = { ...flagged, maxLength: 255 }
  expect(encodeFrames([new Uint8Array(255)], { prefix: short })).toHaveLength(260)
  expect(() => encodeFrames([new Uint8Array(256)], { prefix: short })).toThrow(RangeError)
  expect(() => encodeFrames([new Uint8Array(5)], { maxFrameBytes: 4 })).toThrow(
    "Cannot encode a frame: its 5 bytes are more than maxFrameBytes (4)",
  )
})

test("FrameDecoder reads varints in more bytes than they need, where it is told to", () => {
  const bytes = Uint8Array.of(0x81, 0x80, 0x00, 7, 0x80, 0x00, 1, 8)
  for (const [cut, chunks] of cuts(bytes)) {
    const decoder = new FrameDecoder({ prefix: lenientVarintPrefix })
    expect(runDecoder(decoder, chunks, hex).values, cut).toEqual(["07", "", "08"])
  }
})

// Some of these went on for ever.
for (const [what, wrong] of Object.entries<Partial<FramePrefix>>({
  "a size that is none": { sizeAt: () => -1 },
  "a size past the bytes that came": { sizeAt: () => 100 },
  "no number as size": { sizeAt: () => Number.NaN },
  "a length below 0": { lengthAt: () => -2 },
  "no number as length": { lengthAt: () => Number.NaN },
  "a length that is not whole": { lengthAt: () => 0.5 },
  "a length past all limits": { lengthAt: () => Number.POSITIVE_INFINITY },
}))
  test(`FrameDecoder refuses a prefix that gives ${what}`, () => {
    const decoder = new FrameDecoder({
      prefix: { ...flagged, ...wrong },
      maxFrameBytes: Number.POSITIVE_INFINITY,
    })
    const { error } = runDecoder(decoder, [new Uint8Array(8)], hex)
    expect(error).toMatchObject({ code: "INVALID_LENGTH", record: 1, byteOffset: 0 })
  })

test("FrameDecoder refuses a prefix that 1,024 bytes do not make whole, however it is cut", () => {
  const endless = { ...flagged, sizeAt: () => 0 }
  for (const size of [1, 7, 1025]) {
    const decoder = new FrameDecoder({ prefix: endless })
    let pushed = 0
    const push = (): void => {
      for (; pushed < 10_000; pushed += size) decoder.push(new Uint8Array(size), () => {})
    }
    expect(push, `${size}`).toThrow("its prefix is not a valid length")
    expect(pushed).toBeLessThanOrEqual(1024)
    expect(pushed).toBeGreaterThan(1024 - size - 1)
  }
})

test("FrameDecoder refuses what is no prefix", () => {
  for (const prefix of ["u16", null, {}, 5, () => 1])
    expect(() => new FrameDecoder({ prefix: prefix as "u32" })).toThrow(
      /^Cannot use prefix .*: want "u32", "varint" or a FramePrefix$/,
    )
})
