import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { type FsLog, openFsLog } from "@bellmouth/log-fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type KillCounts, killCycles, killManyLogs } from "./kill-cycles.ts"
import { bundleProgram } from "./planted-fault.ts"
import { readReference } from "./reference-reader.ts"

const CYCLES = Number(process.env["KILL_CYCLES"] ?? 1_000)
/** So many of them with a reader that follows the log; a log is read as a whole after each. */
const FOLLOWED = 50

let directory = ""
let program = ""
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bellmouth-kill-"))
  program = await bundleProgram("kill-writer.ts", directory)
})
afterAll(() => rm(directory, { recursive: true }))

const delayMs = (cycle: number): number => 5 + ((cycle * 7) % 40)

async function follow(reader: FsLog, seen: Uint8Array[]): Promise<void> {
  for await (const { data } of reader.replay({ follow: true })) seen.push(data)
}

function expectNothingLost(counts: KillCounts, cycles: number): void {
  console.log("kill -9:", JSON.stringify(counts))
  expect(counts).toMatchObject({ cycles, lost: 0, changed: 0, ahead: 0 })
  expect(counts.acknowledged).toBeGreaterThan(cycles * 10)
  expect(counts.torn).toBeGreaterThanOrEqual(cycles * 0.1)
}

test("kill -9: no acknowledged record is lost or changed", { timeout: 600_000 }, async () => {
  const all = Math.max(0, CYCLES - FOLLOWED)
  const options = { program, behaviour: "honest", delayMs } as const
  const cycles = { all, each: FOLLOWED, together: availableParallelism() }
  const counts = await killManyLogs(directory, cycles, options)
  expectNothingLost(counts, all)
  // The last tear of a log is left to nobody.
  expect(counts.recovered).toBeGreaterThanOrEqual(counts.torn - Math.ceil(all / FOLLOWED))
})

test("kill -9: a reader that follows sees what the log holds", { timeout: 600_000 }, async () => {
  const log = join(directory, "followed")
  // A reader in this process follows all writers, from the first to the last.
  let reader: FsLog | undefined
  const seen: Uint8Array[] = []
  let following: Promise<void> | undefined
  const counts = await killCycles(log, FOLLOWED, {
    program,
    behaviour: "honest",
    delayMs,
    async afterCycle() {
      if (reader !== undefined) return
      reader = await openFsLog(log, { mode: "read" })
      following = follow(reader, seen)
    },
  })
  expectNothingLost(counts, FOLLOWED)

  const { records, published } = readReference(log)
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(published)
  await reader?.close()
  await expect(following).rejects.toMatchObject({ code: "CLOSED" })
  const differing = seen.findIndex((record, offset) => !records[offset]?.equals(record))
  expect(differing, "the first record that a follower has seen and that is not there").toBe(-1)
  await using again = await openFsLog(log)
  let offset = 0
  for await (const entry of again.replay()) {
    if (entry.offset !== offset || !records[offset]?.equals(entry.data)) {
      expect.fail(`the two readers differ at offset ${offset}`)
    }
    offset++
  }
  expect(offset).toBe(records.length)
})

test("kill -9: a writer that acknowledges before it writes is caught", {
  timeout: 600_000,
}, async () => {
  let lost = 0
  let cycles = 0
  for (; cycles < 10 && lost === 0; cycles++) {
    const log = join(directory, `late-${cycles}`)
    const options = { program, behaviour: "late", delayMs: () => 20 + cycles } as const
    lost += (await killCycles(log, 1, options)).lost
  }
  console.log(`kill -9: the planted fault lost ${lost} records within ${cycles} cycles`)
  expect(lost).toBeGreaterThan(0)
})
