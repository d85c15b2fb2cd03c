import { type ProducerState, toOffset } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { decodeProducerState, encodeProducerState } from "./producer-state.ts"

const SEED = 7
const TEXT_AT = 8

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const batch = fc.record({ sequence: number, offset: number.map(toOffset), count: number })
/** Among them what looks like the border of two rows, and what JSON escapes. */
const id = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.stringMatching(/^[\][,"\\0]+$/),
)
const states: fc.Arbitrary<ProducerState[]> = fc.array(
  fc.record({ id, epoch: number, batches: fc.array(batch, { minLength: 1, maxLength: 4 }) }),
)

test("a state is one text of JSON, and comes back whole and by its rows", () => {
  fc.assert(
    fc.property(states, (given) => {
      const bytes = encodeProducerState(given, SEED)
      const rows = given.map(({ id, epoch, batches }) => [
        id,
        epoch,
        ...batches.map(({ sequence, offset, count }) => [sequence, offset, count]),
      ])
      expect(new TextDecoder().decode(bytes.subarray(TEXT_AT))).toBe(JSON.stringify(rows))
      for (const mostParsed of [undefined, 0, bytes.length - TEXT_AT - 1]) {
        expect([...(decodeProducerState(bytes, SEED, mostParsed) ?? [])]).toEqual(given)
      }
    }),
  )
})

test("no text is longer than one row once there are too many for one", () => {
  const batches = Array.from({ length: 8 }, (_, index) => {
    return { sequence: index, offset: toOffset(index), count: 1 }
  })
  const given = Array.from({ length: 100 }, (_, index) => ({ id: `p${index}`, epoch: 0, batches }))
  const longest: number[] = []
  const parse = JSON.parse
  JSON.parse = (text: string) => {
    longest.push(text.length)
    return parse(text)
  }
  try {
    const bytes = encodeProducerState(given, SEED)
    expect([...(decodeProducerState(bytes, SEED, bytes.length / 2) ?? [])]).toEqual(given)
    expect(longest).toHaveLength(100)
    expect(Math.max(...longest)).toBeLessThan(bytes.length / 50)
  } finally {
    JSON.parse = parse
  }
})

test("bytes that were changed, or are another log's, are no state", () => {
  const given = [{ id: "a", epoch: 0, batches: [{ sequence: 0, offset: toOffset(0), count: 1 }] }]
  const bytes = encodeProducerState(given, SEED)
  expect(decodeProducerState(bytes, SEED + 1)).toBeUndefined()
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(decodeProducerState(changed, SEED)).toBeUndefined()
    expect(decodeProducerState(bytes.subarray(0, at), SEED)).toBeUndefined()
  }
})
