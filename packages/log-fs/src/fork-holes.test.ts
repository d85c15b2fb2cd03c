import { type Log, LogError, type Offset, toOffset } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { repairFsLog } from "./repair/repair-fs-log.ts"
import { verifyFsLog } from "./repair/verify-fs-log.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"

const COMMITS = 9
const textOf = (offset: number): string => `record ${offset};`

async function append(log: Log, ...texts: string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const text of texts) void writer.write(new TextEncoder().encode(text))
  await writer.close()
}

/** A log of two records a commit, in which some commits were damaged, and which was repaired. */
async function repaired(damaged: ReadonlySet<number>, segmentBytes: number) {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes })
  for (let n = 0; n < COMMITS; n++) await append(log, textOf(n * 2), textOf(n * 2 + 1))
  await log.close()
  for (const bytes of fileLayer.files.values()) {
    for (const n of damaged) {
      const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(textOf(n * 2))
      if (at >= 0) bytes[at] = 0
    }
  }
  await repairFsLog("/log", { fileLayer })
  return { fileLayer, log: await openFsLog("/log", { fileLayer, segmentBytes }) }
}

interface Held {
  readonly offsets: readonly number[]
  readonly holes: readonly (readonly [number, number])[]
}

/** All that a log gives, over its holes. */
async function read(log: Log): Promise<Held> {
  const offsets: number[] = []
  const holes: [number, number][] = []
  for (let from: Offset = await log.start(); ; ) {
    let next: number = from
    try {
      for await (const { offset, data } of log.replay({ from })) {
        expect(new TextDecoder().decode(data)).toBe(textOf(offset))
        offsets.push(offset)
        next = offset + 1
      }
      return { offsets, holes }
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== "OFFSET_LOST" || !error.offset) throw error
      holes.push([next, error.offset])
      from = error.offset
    }
  }
}

const before = ({ offsets, holes }: Held, at: number): Held => ({
  offsets: offsets.filter((offset) => offset < at),
  holes: holes.filter(([, until]) => until <= at),
})

test("a repaired log is forked with its holes at any offset but those that were lost", async () => {
  const seen = { inside: 0, atHole: 0, forks: 0, ofForks: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(COMMITS - 1), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(250, 100_000),
      async (damaged, segmentBytes) => {
        const { fileLayer, log } = await repaired(new Set(damaged), segmentBytes)
        const [held, start, tail] = [await read(log), await log.start(), await log.tail()]
        const isInside = (at: number) => held.holes.some(([from, end]) => from < at && at < end)
        for (let at: number = start; at <= tail; at++) {
          const place = `/fork-${at}`
          if (isInside(at)) {
            seen.inside++
            await expect(log.fork(toOffset(at), place)).rejects.toMatchObject({
              code: "OFFSET_LOST",
            })
            const opening = openFsLog(place, { fileLayer, mode: "read" })
            await expect(opening).rejects.toMatchObject({ code: "NOT_A_LOG" })
            continue
          }
          const fork = await log.fork(toOffset(at), place)
          seen.forks++
          if (held.holes.some(([, until]) => until === at)) seen.atHole++
          expect([await fork.start(), await fork.tail()]).toEqual([start, at])
          expect(await read(fork)).toEqual(before(held, at))
          await append(fork, textOf(at))
          await fork.close()
          expect((await verifyFsLog(place, { fileLayer })).damages).toEqual([])
          expect((await repairFsLog(place, { fileLayer, dryRun: true })).outcome).toBe("whole")
          const again = await openFsLog(place, { fileLayer })
          const grown = before(held, at)
          expect(await read(again)).toEqual({ ...grown, offsets: [...grown.offsets, at] })
          const of = Math.max(start, at - 3)
          if (!isInside(of)) {
            seen.ofForks++
            const ofFork = await again.fork(toOffset(of), `${place}-${of}`)
            expect(await read(ofFork)).toEqual(before(held, of))
            await ofFork.close()
          }
          await again.close()
        }
        await log.close()
      },
    ),
    { numRuns: 12 },
  )
  expect(seen.inside).toBeGreaterThan(8)
  expect(seen.atHole).toBeGreaterThan(8)
  expect(seen.forks).toBeGreaterThan(60)
  expect(seen.ofForks).toBeGreaterThan(40)
})
