import fc from "fast-check"
import { expect, test } from "vitest"
import { equal } from "./equal.ts"
import { unitsOf } from "./joins.ts"
import { seededRandom } from "./random.ts"
import { show, showList } from "./show.ts"
import { byteChunkings, textChunkings } from "./splits.ts"

const bytesOf = (chunks: readonly Uint8Array[]): number[] => chunks.flatMap((chunk) => [...chunk])

test("every chunking of bytes adds up to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let seen = 0
      for (const { chunks } of byteChunkings(bytes, { runs: 4 })) {
        expect(bytesOf(chunks)).toEqual([...bytes])
        seen++
      }
      expect(seen).toBe(bytes.length + 1 + 4 + 4)
    }),
  )
})

test("every chunking of text adds up to the same text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      for (const { chunks } of textChunkings(text)) expect(chunks.join("")).toBe(text)
    }),
  )
})

test("a long input gets the splits that maxSplits allows, both ends among them", () => {
  const names = [...byteChunkings(new Uint8Array(1000), { maxSplits: 11 })].map(({ name }) => name)
  const splits = names.filter((name) => name.startsWith("split at"))
  expect(splits).toHaveLength(11)
  expect([splits.at(0), splits.at(-1)]).toEqual(["split at 0", "split at 1000"])
})

test("a seed gives the same numbers, below the bound, and another seed gives others", () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 1000 }, () => random(10))
  }
  expect(draw(3)).toEqual(draw(3))
  expect(draw(3)).not.toEqual(draw(4))
  expect(new Set(draw(3))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
})

test.for<[unknown, unknown, boolean]>([
  [1, 1, true],
  [Number.NaN, Number.NaN, true],
  [0, -0, false],
  [1, "1", false],
  [null, undefined, false],
  [{ a: [1] }, { a: [1] }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1, 2], [1, 2, 3], false],
  [[], {}, false],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
  [Uint8Array.of(1), Uint16Array.of(1), false],
  [Uint8Array.of(1).buffer, Uint8Array.of(2).buffer, false],
  [new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]]), true],
  [new Map([[1, 2]]), new Map([[1, 3]]), false],
  [new Set([1]), new Set([2]), false],
  [new Date(0), new Date(0), true],
  [new Date(0), new Date(1), false],
  [new Error("a"), new Error("a"), true],
  [new Error("a"), new Error("b"), false],
])("%o and %o are the same: %s", ([one, other, expected]) => {
  expect(equal(one, other)).toBe(expected)
})

test.for<[unknown, string]>([
  ["a\n", '"a\\n"'],
  [2n, "2n"],
  [undefined, "undefined"],
  [[1, { a: "b" }], '[1, { a: "b" }]'],
  [{}, "{}"],
  [new TypeError("no"), 'TypeError("no")'],
  [Uint8Array.of(1, 255), "bytes<01 ff>"],
])("%o is shown as %s", ([value, text]) => {
  expect(show(value)).toBe(text)
})

test("what is shown is cut, also when it is deep or circular", () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(show(circle)).toContain("...")
  expect(show("x".repeat(1000))).toMatch(/\.\.\. \(1002 characters\)$/)
})

test("of a long list the length is shown, and what stands around the difference", () => {
  const list = Array.from({ length: 100 }, (_, index) => index)
  expect(showList(list, 50)).toBe("100 in all, from 48 on [48, 49, 50, 51, 52]")
  expect(showList(list, 100)).toBe("100 in all, from 98 on [98, 99]")
  expect(showList([1, 2], 1)).toBe("[1, 2]")
})

test("outputs that do not join as said are a TypeError", () => {
  expect(() => unitsOf([1], "bytes")).toThrow(TypeError)
  expect(() => unitsOf([1], "text")).toThrow(TypeError)
  expect(() => unitsOf([1], "arrays")).toThrow(TypeError)
  expect(unitsOf([[1], [], [2, 3]], "arrays")).toEqual([1, 2, 3])
})
