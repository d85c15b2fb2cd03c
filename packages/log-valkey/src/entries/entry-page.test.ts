import fc from "fast-check"
import { expect, test } from "vitest"
import { EntryJoiner, toEntries } from "./entry-page.ts"

const text = new TextEncoder()

/** A reply with entries of which some do not follow the one before, as after a trim. */
const anyReply = fc
  .array(
    fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      size: fc.oneof(fc.nat(50), fc.integer({ min: 20_000, max: 70_000 })),
      framing: fc.constantFrom("l", "l", "l", "s"),
      gap: fc.constantFrom(0, 0, 0, 5),
    }),
    { maxLength: 40 },
  )
  .map((specs) => {
    let end = 2 ** 40
    return specs.map(({ count, size, framing, gap }, index) => {
      end += gap + count
      const bytes = new Uint8Array(size).fill(index)
      return [text.encode(`${end}-${count}`), [text.encode(framing), bytes]]
    })
  })

test("entries are joined while they follow one another and are small; lent, into the same bytes", () => {
  let joined = 0
  let alone = 0
  fc.assert(
    fc.property(anyReply, fc.boolean(), (reply, lend) => {
      const entries = toEntries(reply)
      expect(entries.length).toBe(reply.length)
      const joiner = new EntryJoiner(lend)
      const buffers = new Set<ArrayBufferLike>()
      let at = 0
      while (at < entries.length) {
        const { batch, taken } = joiner.next(entries, at)
        const parts = entries.slice(at, at + taken)
        const [first] = parts
        expect(batch.offset).toBe(first?.offset)
        expect(batch.framing).toBe(first?.framing)
        expect(batch.count).toBe(parts.reduce((sum, { count }) => sum + count, 0))
        const wanted = Buffer.concat(parts.map(({ bytes }) => bytes))
        expect(Buffer.compare(wanted, batch.bytes)).toBe(0)
        expect(taken === 1 || wanted.length <= 65_536).toBe(true)
        let end = first?.offset ?? 0
        for (const part of parts) {
          expect(part.offset).toBe(end)
          expect(part.framing).toBe(first?.framing)
          end += part.count
        }
        if (taken === 1) alone++
        else {
          joined++
          buffers.add(batch.bytes.buffer)
        }
        at += taken
      }
      if (lend) expect(buffers.size).toBeLessThan(2)
    }),
    { numRuns: 200 },
  )
  expect(joined).toBeGreaterThan(100)
  expect(alone).toBeGreaterThan(100)
})

test("what is no entry of a log is refused", () => {
  const bytes = new Uint8Array(1)
  for (const row of [
    ["1-1", ["l", bytes]],
    [text.encode("1-1"), [text.encode("x"), bytes]],
    [text.encode("1-1"), [text.encode("l")]],
    [text.encode("1-1"), null],
    null,
  ]) {
    expect(() => toEntries([row])).toThrow(TypeError)
  }
})

test("joiners of cursors that wait, or read large entries, have no array to lend from", () => {
  const [entry] = toEntries([[text.encode("2-2"), [text.encode("l"), new Uint8Array(2 ** 16)]]])
  const before = process.memoryUsage().arrayBuffers
  const joiners = Array.from({ length: 1_000 }, () => new EntryJoiner(true))
  for (const joiner of joiners) expect(joiner.next([entry ?? expect.fail()], 0).taken).toBe(1)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
})
