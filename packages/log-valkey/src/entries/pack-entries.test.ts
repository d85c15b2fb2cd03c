import fc from "fast-check"
import { expect, test } from "vitest"
import { type PackRun, packEntries, recordEnd } from "./pack-entries.ts"

const recordsArbitrary = fc.array(
  fc.record({
    framing: fc.constantFrom("lines" as const, "sized" as const),
    count: fc.integer({ min: 1, max: 4 }),
    batches: fc.integer({ min: 1, max: 3 }),
    size: fc.constantFrom(0, 1, 5, 10, 100, 100, 1_000, 20_000, 65_535, 65_536, 70_000),
    /** Whether every second record is shorter, and the one after it longer. */
    isUneven: fc.boolean(),
    isSent: fc.constantFrom(true, false, false, false),
  }),
  { minLength: 1, maxLength: 6 },
)

/** Runs whose bytes lie one after another, as those of a commit do. */
function toRuns(specs: ReturnType<typeof recordsArbitrary.generate>["value"]): PackRun[] {
  const parts: Uint8Array[] = []
  const lengths = specs.map(({ framing, count, batches, size, isUneven }) => {
    const before = parts.length
    for (let record = 0; record < batches * count; record++) {
      const change = isUneven && size > 0 ? (record % 2) * 2 - 1 : 0
      const data = new Uint8Array(size + change).fill(0x61)
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, data.length)
      parts.push(...(framing === "sized" ? [length, data] : [data, new Uint8Array([0x0a])]))
    }
    return parts.slice(before).reduce((sum, part) => sum + part.length, 0)
  })
  const bytes = new Uint8Array(lengths.reduce((sum, each) => sum + each, 0))
  let end = 0
  for (const part of parts) {
    bytes.set(part, end)
    end += part.length
  }
  let at = 0
  return specs.map(({ framing, count, batches, isSent }, index) => {
    const begin = at
    at += lengths[index] ?? 0
    const producer = isSent ? { id: `${index}`, epoch: 0, sequence: 0 } : undefined
    return { framing, count, batches, producer, bytes: bytes.subarray(begin, at) }
  })
}

test("packEntries keeps every byte and record in order, and no entry is larger than it has to be", () => {
  let cut = 0
  let joined = 0
  fc.assert(
    fc.property(recordsArbitrary, (specs) => {
      const runs = toRuns(specs)
      const entries = packEntries(runs)
      const join = (parts: readonly { bytes: Uint8Array }[]): Buffer =>
        Buffer.concat(parts.map(({ bytes }) => bytes))
      expect(join(entries).equals(join(runs))).toBe(true)
      const records = runs.reduce((sum, { batches, count }) => sum + batches * count, 0)
      expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(records)
      for (const { bytes, count, framing } of entries) {
        let at = 0
        for (let record = 0; record < count; record++) at = recordEnd(bytes, framing, at)
        expect(at).toBe(bytes.length)
        expect(bytes.length <= 131_072 || count === 1).toBe(true)
      }
      const notes = entries.filter(({ note }) => note !== "")
      expect(notes.length).toBe(runs.filter(({ producer }) => producer !== undefined).length)
      if (entries.length > runs.length) cut++
      if (entries.length < runs.length) joined++
    }),
    { numRuns: 200 },
  )
  expect(cut).toBeGreaterThan(20)
  expect(joined).toBeGreaterThan(5)
})
