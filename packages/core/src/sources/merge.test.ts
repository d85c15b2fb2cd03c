import fc from "fast-check"
import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { filter } from "../transforms/filter.ts"
import { from } from "./from.ts"
import { merge } from "./merge.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const source = (inputs: number[], ending: "close" | "idle" = "close") =>
  new ScriptedSource<number>(inputs, ending, () => {})

test("merge gives every chunk once, each readable's own in order, for any readables and filters", async () => {
  let chunks = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(20), { maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      async (lengths, keep) => {
        const inputs = lengths.map((length, s) => Array.from({ length }, (_, n) => s * 100 + n))
        const all = merge(...inputs.map((input) => from(input)))
        const got = await toArray(all.pipeThrough(filter((n: number) => n % keep === 0)))
        for (const [s, input] of inputs.entries()) {
          const own = got.filter((n) => Math.floor(n / 100) === s)
          expect(own).toEqual(input.filter((n) => n % keep === 0))
        }
        chunks += got.length
      },
    ),
    { numRuns: 50 },
  )
  expect(chunks).toBeGreaterThan(500)
})

test("merge reads nothing before it is read, then at most one ahead of each, and starves none", async () => {
  const sources = [source([1, 2, 3, 4, 5]), source([10, 20, 30, 40, 50])]
  const reader = merge(...sources.map(({ readable }) => readable)).getReader()
  await turns.quiet()
  expect(sources.map(({ given }) => given)).toEqual([0, 0])
  const got: (number | undefined)[] = []
  for (let reads = 1; reads <= 6; reads++) {
    got.push((await reader.read()).value)
    await turns.quiet()
    for (const { given } of sources) expect(given).toBeLessThanOrEqual(reads)
    expect(sources.reduce((sum, { given }) => sum + given, 0)).toBeLessThanOrEqual(reads + 2)
  }
  expect(got.filter((n) => (n ?? 0) >= 10).length).toBe(3)
})

test("merge gives a chunk that comes while another readable is silent", async () => {
  const [silent, busy] = [source([], "idle"), source([1, 2])]
  const reader = merge(silent.readable, busy.readable).getReader()
  expect((await reader.read()).value).toBe(1)
  expect((await reader.read()).value).toBe(2)
})

test("cancel of merge reaches every readable, idle ones too, with the same reason", async () => {
  const sources = [source([], "idle"), source([1, 2, 3]), source([], "idle")]
  const reader = merge(...sources.map(({ readable }) => readable)).getReader()
  await reader.read()
  await turns.quiet()
  const reason = new Error("enough")
  await reader.cancel(reason)
  expect(sources.map(({ cancels }) => cancels)).toEqual([[reason], [reason], [reason]])
  await turns.quiet()
  expect((await reader.read()).done).toBe(true)
})

test("an error in merge comes after what was read before, and cancels the others with itself", async () => {
  const [failing, steady] = [source([], "idle"), source([1, 2], "idle")]
  const reader = merge(failing.readable, steady.readable).getReader()
  expect((await reader.read()).value).toBe(1)
  await turns.quiet()
  const boom = new Error("boom")
  // asks for more, so that the second is at hand
  const second = await reader.read()
  failing.error(boom)
  await turns.quiet()
  expect(second.value).toBe(2)
  expect(steady.cancels).toEqual([boom])
  await expect(reader.read()).rejects.toBe(boom)
})

test("a chunk that merge holds is delivered before another readable's error", async () => {
  const [failing, steady] = [source([7], "idle"), source([1], "idle")]
  const reader = merge(failing.readable, steady.readable).getReader()
  expect((await reader.read()).value).toBe(7)
  await turns.quiet() // now the chunk 1 is held
  const boom = new Error("boom")
  failing.error(boom)
  await turns.quiet()
  expect((await reader.read()).value).toBe(1)
  await expect(reader.read()).rejects.toBe(boom)
})

test("close and error of merge are seen when nobody reads", async () => {
  const [one, other] = [source([], "idle"), source([], "idle")]
  const reader = merge(one.readable, other.readable).getReader()
  one.close()
  expect((await turns.settle(reader.closed)).state).toBe("pending")
  other.close()
  await reader.closed
  const failing = source([], "idle")
  const failed = merge(failing.readable).getReader()
  failing.error("gone")
  await expect(failed.closed).rejects.toBe("gone")
  expect(await toArray(merge())).toEqual([])
})
