import fc from "fast-check"
import { expect, test } from "vitest"
import { linesParser } from "./lines-parser.ts"

const good = Array<string>(600).fill('{"n":1}')
const goodValues = good.map((line): unknown => JSON.parse(line))
const none = Number.POSITIVE_INFINITY

/** Parses lines at once, none of which may be deeper than so many levels. */
function parseAll(text: string, maxUnits: number, maxDepth = none): readonly unknown[] | undefined {
  const parse = linesParser({}, maxDepth)
  if (parse === undefined) throw new Error("Cannot test: this engine parses each line on its own")
  return parse(new TextEncoder().encode(text), () => text, maxUnits)
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("")
}

/** Parses each line on its own; `undefined` when one of them is not JSON. */
function eachOf(lines: readonly string[]): unknown[] | undefined {
  try {
    return lines.map((line): unknown => JSON.parse(line))
  } catch {
    return undefined
  }
}

/** What a decoder would take that joined lines by commas and counted the values. */
function joinedOf(lines: readonly string[]): unknown[] | undefined {
  try {
    const values: unknown[] = JSON.parse(`[${lines.join(",")}]`)
    return values.length === lines.length ? values : undefined
  } catch {
    return undefined
  }
}

const deceptive: [string, string[]][] = [
  ["an array over two lines, and two values in one", ['{"a":[{}', "{}]}", "{},{}"]],
  ["an object over two lines, and two values in one", ['{"a":1', '"b":2}', "{},{}"]],
  ["a string over two lines, and two values in one", ['{"a":"', '{"}', "{},{}"]],
  ["an empty line, and two values in one", ["", "{},{}"]],
  ["a line that does not begin with a brace", ["1"]],
]

for (const [name, lines] of deceptive)
  test(`parseAll does not take ${name}`, () => {
    for (const at of [0, 300, 600])
      expect(parseAll(textOf(good.toSpliced(at, 0, ...lines)), none)).toBeUndefined()
  })

test("parseAll takes what a parse of each line takes, and gives the same", () => {
  const lines = ['{"__proto__":{"x":1},"a":1,"a":2}', '{"a":-0,"b":9007199254740993}', "{} \t\r"]
  lines.push('{"a":"\u2028\\ud800]\u0085"}', '{"a":{"b":{"c":{}}}}', '{ "é😀" : "値" }')
  expect(parseAll(textOf([...good, ...lines]), none)).toStrictEqual([
    ...goodValues,
    ...lines.map((line): unknown => JSON.parse(line)),
  ])
})

test("parseAll takes lines of so many units, and no longer ones", () => {
  expect(parseAll(textOf(good), 7)).toStrictEqual(goodValues)
  expect(parseAll(textOf(good), 6)).toBeUndefined()
})

test("parseAll takes no line that might be too deep", () => {
  const nested = (depth: number): string => `${'{"":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`
  for (const depth of [3, 5, 128]) {
    const text = textOf([...good, nested(depth)])
    expect(parseAll(text, none, depth)).toHaveLength(good.length + 1)
    expect(parseAll(text, none, depth - 1)).toBeUndefined()
  }
})

test("parseAll takes nothing that may not have been UTF-8", () => {
  expect(parseAll(textOf([...good, '{"a":"\ufffd"}']), none)).toBeUndefined()
})

test("there is no parser of many lines where each is to be parsed by a function", () => {
  expect(linesParser({ parse: Number }, 128)).toBeUndefined()
})

test("parseAll leaves a few lines to the one who parses each", () => {
  expect(parseAll(textOf(good.slice(0, 20)), none)).toBeUndefined()
})

test("parseAll never gives anything but what a parse of each line gives", () => {
  const parts = ['{"a":[{}', "{}]}", "{},{}", '{"a":1', '"b":2}', '{"a":"', '{"}', "{}", '{"b":2}']
  const tokens = [...'{}[],:" 1', '"a"', '"a":', "{}", "\\"]
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...parts) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.constantFrom(...tokens), { maxLength: 6 })
        .map((each) => `{${each.join("")}`),
    },
  )
  // By chance alone so few deceive that some runs see none.
  const some = fc.oneof(
    { weight: 9, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(...deceptive.map(([, lines]) => lines)) },
  )
  const seen = { taken: 0, refused: 0, deceived: 0 }
  fc.assert(
    fc.property(some, fc.boolean(), (lines, isLast) => {
      const values = parseAll(textOf(isLast ? [...good, ...lines] : [...lines, ...good]), none)
      const each = eachOf(lines)
      if (values === undefined) {
        seen.refused += each === undefined ? 1 : 0
        seen.deceived += each === undefined && joinedOf(lines) !== undefined ? 1 : 0
        return
      }
      seen.taken += 1
      expect(each).toBeDefined()
      const all = isLast ? [...goodValues, ...(each ?? [])] : [...(each ?? []), ...goodValues]
      expect(values).toStrictEqual(all)
    }),
    { numRuns: 6000 },
  )
  expect(seen.taken).toBeGreaterThan(100)
  expect(seen.refused).toBeGreaterThan(100)
  expect(seen.deceived).toBeGreaterThan(100)
})
