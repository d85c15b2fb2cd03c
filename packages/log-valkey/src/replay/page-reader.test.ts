import fc from "fast-check"
import { expect, test } from "vitest"
import type { Command } from "../client/wire.ts"
import { toLogKeys } from "../log-place.ts"
import { PageReader } from "./page-reader.ts"

const ZEROS = new Uint8Array(2 ** 20)

interface Entry {
  readonly end: number
  readonly count: number
  readonly size: number
}

/** A server with entries, that answers when it is told to. */
class FakeServer {
  readonly id = "id"
  entries: readonly Entry[]
  knownTail = 0
  largest = 0
  /** What is asked next fails. */
  failures = 0
  underWay = 0
  mostUnderWay = 0
  asked = 0
  largestReply = 0
  readonly place = {
    keys: toLogKeys("", "n"),
    read: async (_id: string, command: unknown): Promise<unknown> => {
      this.asked++
      this.underWay++
      this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
      await Promise.resolve()
      this.underWay--
      if (this.failures > 0) {
        this.failures--
        throw new Error("the connection was lost")
      }
      return this.#range(command as Command)
    },
  }

  constructor(entries: readonly Omit<Entry, "end">[]) {
    let end = 0
    this.entries = entries.map(({ count, size }) => {
      end += count
      return { end, count, size }
    })
  }

  get tail(): number {
    return this.entries.at(-1)?.end ?? 0
  }

  #range([name, , from, until, , count]: Command): unknown {
    if (name !== "XRANGE") throw new Error(`Cannot run ${String(name)}`)
    const most = until === "+" ? Number.POSITIVE_INFINITY : Number(until)
    const found = this.entries.filter(({ end }) => end >= Number(from) && end <= most)
    const page = found.slice(0, Number(count))
    const bytes = page.reduce((sum, { size }) => sum + size, 0)
    this.largestReply = Math.max(this.largestReply, bytes)
    const text = new TextEncoder()
    return page.map(({ end, count: records, size }) => [
      text.encode(`${end}-${records}`),
      [text.encode("l"), ZEROS.subarray(0, size)],
    ])
  }
}

async function readAll(reader: PageReader): Promise<number[]> {
  const ends: number[] = []
  for (;;) {
    const entries = await reader.next()
    if (entries.length === 0) return ends
    ends.push(...entries.map(({ offset, count }) => offset + count))
  }
}

/** Long runs of alike entries, so that one page is no sign of what is in the next. */
const anyEntries = fc
  .array(
    fc.record({
      repeat: fc.integer({ min: 1, max: 600 }),
      count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 500 })),
      size: fc.oneof(fc.nat(40), fc.nat(60_000)),
    }),
    { maxLength: 8 },
  )
  .map((runs) =>
    runs.flatMap(({ repeat, ...entry }) => Array.from({ length: repeat }, () => entry)),
  )

test("every entry comes once and in order, from any offset, however far the log is known", async () => {
  let pages = 0
  await fc.assert(
    fc.asyncProperty(anyEntries, fc.nat(100), fc.nat(100), async (entries, known, begin) => {
      const server = new FakeServer(entries)
      server.knownTail = Math.floor((server.tail * known) / 100)
      const from = Math.floor((server.tail * begin) / 100)
      const reader = new PageReader(server, from)
      const wanted = server.entries.filter(({ end }) => end > from).map(({ end }) => end)
      expect(await readAll(reader)).toEqual(wanted)
      expect(reader.position).toBe(server.tail)
      // Three while the rest of a page that was longer than expected is asked for.
      expect(server.mostUnderWay).toBeLessThanOrEqual(3)
      pages += server.asked
    }),
    { numRuns: 200 },
  )
  expect(pages).toBeGreaterThan(300)
})

test("the next page is under way before one has come, as far as the log is known to reach", async () => {
  const entries = Array.from({ length: 3_000 }, () => ({ count: 3, size: 4_096 }))
  const server = new FakeServer(entries)
  expect((await readAll(new PageReader(server, 0))).length).toBe(3_000)
  expect(server.mostUnderWay).toBe(1)
  server.knownTail = server.tail
  server.asked = 0
  expect((await readAll(new PageReader(server, 0))).length).toBe(3_000)
  expect(server.mostUnderWay).toBe(2)
  // 12 MB in pages of 1 MiB, after a few small ones.
  expect(server.asked).toBeLessThan(20)
})

test("a page never has more than its limit, whatever came before", async () => {
  const small = Array.from({ length: 9_000 }, () => ({ count: 1, size: 100 }))
  const large = Array.from({ length: 64 }, () => ({ count: 1, size: 2 ** 20 }))
  const server = new FakeServer([...small, ...large, ...small])
  server.knownTail = server.tail
  server.largest = 2 ** 20
  expect((await readAll(new PageReader(server, 0))).length).toBe(small.length * 2 + large.length)
  expect(server.largestReply).toBeGreaterThan(2 ** 20)
  expect(server.largestReply).toBeLessThanOrEqual(2 ** 25)
})

test("what was trimmed meanwhile costs one request, however much it was", async () => {
  const server = new FakeServer(Array.from({ length: 20_000 }, () => ({ count: 1, size: 1_000 })))
  server.knownTail = server.tail
  const reader = new PageReader(server, 0)
  await reader.next()
  server.entries = server.entries.slice(-1)
  server.asked = 0
  const rest = await readAll(reader)
  expect(rest.at(-1)).toBe(20_000)
  expect(rest.length).toBeLessThan(5_000)
  expect(server.asked).toBeLessThan(8)
})

test("what failed ahead of the consumer is asked for again, and told when it fails again", async () => {
  const server = new FakeServer(Array.from({ length: 5_000 }, () => ({ count: 2, size: 1_000 })))
  server.knownTail = server.tail
  const reader = new PageReader(server, 0)
  const first = await reader.next()
  expect(reader.isAhead).toBe(true)
  server.failures = 2
  expect(first.length + (await readAll(reader)).length).toBe(5_000)
  const other = new PageReader(server, 0)
  await other.next()
  server.failures = 5
  await expect(readAll(other)).rejects.toMatchObject({ code: "READ_FAILED" })
})

test("there is nothing more only where a look that this call began has found nothing", async () => {
  const server = new FakeServer(Array.from({ length: 2 }, () => ({ count: 1, size: 2 ** 20 })))
  server.largest = 2 ** 24
  server.knownTail = server.tail
  const reader = new PageReader(server, 0)
  expect((await reader.next()).length).toBe(2)
  // Looked for ahead, and not found yet.
  expect(reader.isAhead).toBe(true)
  await Promise.resolve()
  server.entries = [...server.entries, { end: 3, count: 1, size: 9 }]
  expect((await reader.next()).map(({ offset }) => offset)).toEqual([2])
  expect(await reader.next()).toEqual([])
})
