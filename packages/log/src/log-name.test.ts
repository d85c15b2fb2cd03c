import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { decodeLogName, encodeLogName } from "./log-name.ts"

interface NameVector {
  readonly id: string
  readonly name: string
  readonly log?: string
  readonly units?: readonly number[]
  readonly token?: string
  readonly error?: true
}

const url = new URL("../../../test/vectors/log/names.json", import.meta.url)
const vectors: readonly NameVector[] = JSON.parse(readFileSync(url, "utf8")).vectors

test("there are vectors of every kind", () => {
  for (const form of ["n-", "x-", "h-"]) {
    expect(vectors.filter(({ token, error }) => token?.startsWith(form) && !error)).not.toEqual([])
  }
  expect(vectors.filter(({ error }) => error).length).toBeGreaterThan(10)
})

for (const { id, name, token, error, ...vector } of vectors) {
  const log = vector.units ? String.fromCharCode(...vector.units) : vector.log
  test(`${id}: ${name}`, async () => {
    if (error !== undefined) {
      if (log !== undefined) await expect(encodeLogName(log)).rejects.toThrow(RangeError)
      else expect(() => decodeLogName(token ?? "")).toThrow(RangeError)
      return
    }
    expect(await encodeLogName(log ?? "")).toBe(token)
    expect(decodeLogName(token ?? "")).toBe(token?.startsWith("h") ? undefined : log)
  })
}

test("what is no string is a TypeError", async () => {
  await expect(encodeLogName(7 as unknown as string)).rejects.toThrow(TypeError)
})

/** The obvious twin: the same token by other means. */
function slowToken(name: string): string {
  const bytes = Buffer.from(name)
  const escaped = (part: Buffer): string =>
    part
      .toString("latin1")
      .replaceAll(/[^a-z0-9-]/g, (at) => `_${Buffer.from(at, "latin1").toString("hex")}`)
  if (bytes.length > 120) {
    const digest = createHash("sha256").update(bytes).digest("hex")
    return `h-${escaped(bytes.subarray(0, 40))}-${digest}`
  }
  return escaped(bytes).length > 240 ? `x-${bytes.toString("hex")}` : `n-${escaped(bytes)}`
}

const HARMFUL = [
  ..."._-/\\%{}@~^:?*[ \0\r\n\x7f\u202e\ufeff\u0131\u017f\u212a",
  ...["..", "%2e", "%5c", "CON", "con", "nul.txt", "C:", ".lock", "@{", "--", "h-", "n-", "x-"],
  ...["é", "e\u0301", "ß", "SS", "İ", "🌊", "a", "A", "0"],
]

test("5,000 hostile names have 5,000 tokens, which are safe everywhere and are turned back", async () => {
  const part = fc.constantFrom(...HARMFUL)
  const name = fc
    .array(part, { minLength: 0, maxLength: 12 })
    .chain((parts) =>
      fc.constantFrom(1, 1, 1, 3, 9, 20).map((times) => parts.join("").repeat(times)),
    )
    .filter((text) => Buffer.byteLength(text) <= 512)
  const names = new Set(fc.sample(name, { numRuns: 9_000, seed: 15 }))
  for (const text of [...names]) {
    if (names.size >= 12_000) break
    for (const twin of [text.toUpperCase(), text.normalize("NFC"), text.normalize("NFD")]) {
      if (Buffer.byteLength(twin) <= 512) names.add(twin)
    }
  }
  expect(names.size).toBeGreaterThan(5_000)
  const tokens = new Map<string, string>()
  const seen = { n: 0, x: 0, h: 0 }
  for (const text of names) {
    const token = await encodeLogName(text)
    expect(token).toMatch(/^[nxh]-[a-z0-9_-]{0,240}$/)
    expect(token).toBe(slowToken(text))
    // Also where neither case nor normal form counts.
    const folded = token.normalize("NFKC").toUpperCase().toLowerCase()
    expect(tokens.get(folded), `${JSON.stringify(text)} collides`).toBeUndefined()
    tokens.set(folded, text)
    const form = token[0]
    if (form === "n" || form === "x" || form === "h") seen[form]++
    expect(decodeLogName(token)).toBe(form === "h" ? undefined : text)
  }
  for (const [form, count] of Object.entries(seen)) expect(count, form).toBeGreaterThan(100)
})

test("whatever a token is made of, it is decoded to the name that gives it, or refused", async () => {
  const part = fc.constantFrom(
    "_",
    "4",
    "1",
    "c3",
    "a9",
    "a",
    "-",
    "A",
    ".",
    "_41",
    "_c3_a9",
    "_2e",
  )
  const token = fc
    .tuple(fc.constantFrom("n-", "x-", "h-", ""), fc.array(part, { maxLength: 8 }))
    .map(([form, parts]) => form + parts.join(""))
  let decoded = 0
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      let name: string | undefined
      try {
        name = decodeLogName(text)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
        return
      }
      decoded++
      expect(await encodeLogName(name ?? "")).toBe(text)
    }),
    { numRuns: 2_000 },
  )
  expect(decoded).toBeGreaterThan(100)
})
