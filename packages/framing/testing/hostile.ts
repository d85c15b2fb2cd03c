import fc from "fast-check"

/** Bytes made of the pieces that break parsers, with some that are random. */
export function hostileBytes(pieces: readonly string[]): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(...pieces).map((text) => new TextEncoder().encode(text)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(...brokenUtf8).map((bytes) => Uint8Array.from(bytes)) },
  )
  return fc
    .array(piece, { maxLength: 24 })
    .map((parts) => Uint8Array.from(parts.flatMap((p) => [...p])))
}

const brokenUtf8 = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc3],
  [0xef, 0xbb, 0xbf],
]

/** Cuts bytes at the given places, which may repeat and so make empty chunks. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  const chunks: Uint8Array[] = []
  let start = 0
  for (const end of [...sorted, bytes.length]) {
    chunks.push(bytes.subarray(start, end))
    start = end
  }
  return chunks
}

/** Strings of the units that have forged events or records somewhere. */
export const hostileString: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."\r\n\0:\ufeff\u2028\u2029\u0085\t \ud83d\ude00\ud800\udfffé€",
        "\r\n",
        "data:",
        "event:",
        "id: ",
        "retry: 1",
        "\n\n",
        "ï»¿",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""))
