import fc from "fast-check"
import { expect, test } from "vitest"
import { exceedsDepth } from "./json-depth.ts"

const utf8 = new TextEncoder()

function exceeds(text: string, max: number): boolean {
  return exceedsDepth(text, max, () => utf8.encode(text))
}

/** The obvious twin: parses, then measures. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

test("exceedsDepth agrees with the depth of the parsed value at every limit", () => {
  let deep = 0
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "large", withCrossShrink: true },
      fc.oneof(
        fc.string({ unit: fc.constantFrom(...'[]{}"\\,:aé😀') }),
        fc.nat(9),
        fc.constant(null),
      ),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: fc.constantFrom(...'[]{}"\\,:aé😀') }), tie("value"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  }))
  fc.assert(
    fc.property(json.value, fc.constantFrom(undefined, 1), (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      const depth = depthOf(JSON.parse(text))
      deep = Math.max(deep, depth)
      for (let max = 1; max <= depth + 1; max++)
        expect(exceeds(text, max), `${text} at ${max}`).toBe(depth > max)
    }),
    { numRuns: 2000 },
  )
  expect(deep).toBeGreaterThan(4)
})

test("exceedsDepth finds the exact limit of the shortest text of arrays and objects", () => {
  const kind = fc.constantFrom("array", "object")
  const beside = fc.constantFrom("", "[[]]", "[[],[]]", '"[[["', "{}", '{"":{}}')
  let over = 0
  fc.assert(
    fc.property(fc.array(fc.tuple(kind, beside), { minLength: 2, maxLength: 8 }), (levels) => {
      const text = levels.reduce((inside, [type, other]) => {
        if (type === "array") return `[${[other, inside].filter(Boolean).join(",")}]`
        const members = inside === "" ? [] : [`"":${inside}`]
        return `{${[...members, ...(other === "" ? [] : [`"a":${other}`])].join(",")}}`
      }, "")
      const depth = depthOf(JSON.parse(text))
      for (let max = 1; max <= depth + 1; max++) {
        expect(exceeds(text, max), `${text} at ${max}`).toBe(depth > max)
        over += depth > max ? 1 : 0
      }
    }),
    { numRuns: 3000 },
  )
  expect(over).toBeGreaterThan(3000)
})

test("exceedsDepth finds the exact limit of nested text between other brackets", () => {
  const wide = '{"a":[1,{"b":"]}"}]},'.repeat(200)
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`
  for (const max of [2, 5, 128])
    for (const [depth, over] of [
      [max - 1, false],
      [max, true],
    ] as const) {
      expect(exceeds(`[${wide}${nested(depth)}]`, Math.max(max, 4))).toBe(over && max >= 4)
      expect(exceeds(`[${nested(depth)},"${"[".repeat(300)}"]`, max)).toBe(over)
    }
})

test("exceedsDepth finds the exact limit of the shortest objects, alone and behind others", () => {
  const nested = (depth: number): string => `${'{"":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`
  for (const max of [2, 5, 128])
    for (const before of ["", '"a":{},', '"{":{"{{":1},'])
      for (const depth of [max - 1, max]) {
        const text = `{${before}"":${nested(depth)}}`
        expect(exceeds(text, max), text).toBe(depth === max)
        expect(depthOf(JSON.parse(text))).toBe(depth + 1)
      }
})

test("exceedsDepth knows what follows from what lies inside, in strings as well", () => {
  const many = 500
  for (const [text, depth] of [
    [`[${'{"a":1},'.repeat(many)}{}]`, 2],
    [`[${'{"a":1}, '.repeat(many)}{"a":{}}]`, 3],
    [`[${"[1,2],".repeat(many)}[[]]]`, 3],
    [`[${"{},[],".repeat(many)}{}]`, 2],
    [`["${"},{".repeat(many)}",[{}]]`, 3],
    [`${'[{},{"a":'.repeat(many)}1${"}]".repeat(many)}`, 2 * many],
    [`${"[[], [".repeat(many)}1${"]]".repeat(many)}`, 2 * many],
    [`${'["},{",{"a":'.repeat(many)}1${"}]".repeat(many)}`, 2 * many],
  ] as const)
    for (const max of [depth - 1, depth]) {
      expect(depthOf(JSON.parse(text)), text).toBe(depth)
      expect(exceeds(text, max), text).toBe(max < depth)
    }
})
