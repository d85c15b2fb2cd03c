import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { laws } from "./laws.ts"

const root = new URL("../../../../", import.meta.url)
const rfc = await readFile(new URL("rfcs/0001-streams.md", root), "utf8")
const vectors = await readFile(new URL("test/vectors/streams/transforms.json", root), "utf8")

/** The rows of RFC 0001's tables whose first cell is a name in backquotes. */
const rows = new Map(
  Array.from(rfc.matchAll(/^\| `([a-z0-9-]+)` \| (.+?) \|/gm), ([, name = "", says = ""]) => [
    name,
    says,
  ]),
)

test.for(laws)("RFC 0001 has the law $name in the kit's words", ({ name, rule }) => {
  expect(rows.get(name)).toBe(`${rule}.`)
})

test("RFC 0001 names every law and every transform of the vectors, and each is used", () => {
  const named = (pattern: RegExp): Set<string> =>
    new Set(Array.from(vectors.matchAll(pattern), ([, found = ""]) => found))
  const transforms = new Set(
    [...named(/"transform": \[(.+?)\]/g)].flatMap((list) => list.split(/[", ]+/).filter(Boolean)),
  )
  expect(transforms.size).toBe(8)
  for (const name of transforms) expect([...rows.keys()]).toContain(name)
  for (const rule of named(/"rule": "([a-z-]+)", "transform"/g)) {
    expect(laws.map(({ name }) => name)).toContain(rule)
  }
})

test("RFC 0001 numbers its requirements without a gap", () => {
  for (const letter of ["R", "B", "C", "E"]) {
    const found = Array.from(rfc.matchAll(new RegExp(`^- \\*\\*${letter}(\\d+)\\*\\*`, "gm")))
    expect(found.length).toBeGreaterThan(3)
    expect(found.map(([, digits]) => Number(digits))).toEqual(found.map((_, index) => index + 1))
  }
})
