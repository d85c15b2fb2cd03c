import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type FsLog, openFsLog } from "@bellmouth/log-fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { killCycles } from "./kill-cycles.ts"
import { readReference } from "./reference-reader.ts"

const CYCLES = Number(process.env.KILL_CYCLES ?? 100)

let directory = ""
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bellmouth-kill-"))
})
afterAll(() => rm(directory, { recursive: true }))

async function follow(reader: FsLog, seen: Uint8Array[]): Promise<void> {
  for await (const { data } of reader.replay({ follow: true })) seen.push(data)
}

test("kill -9: no acknowledged record is lost or changed", { timeout: 600_000 }, async () => {
  const log = join(directory, "honest")
  // A reader in this process follows all writers, from the first to the last.
  let reader: FsLog | undefined
  const seen: Uint8Array[] = []
  let following: Promise<void> | undefined
  const counts = await killCycles(log, CYCLES, {
    behaviour: "honest",
    delayMs: (cycle) => 5 + ((cycle * 7) % 40),
    async afterCycle() {
      if (reader !== undefined) return
      reader = await openFsLog(log, { mode: "read" })
      following = follow(reader, seen)
    },
  })
  console.log("kill -9:", JSON.stringify(counts))
  expect(counts).toMatchObject({ cycles: CYCLES, lost: 0, changed: 0, ahead: 0 })
  expect(counts.acknowledged).toBeGreaterThan(CYCLES * 10)
  expect(counts.torn).toBeGreaterThanOrEqual(CYCLES * 0.1)
  // The last tear is left to the reader below.
  expect(counts.recovered).toBeGreaterThanOrEqual(counts.torn - 1)

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
    const delayMs = (): number => 20 + cycles
    lost += (await killCycles(log, 1, { behaviour: "late", delayMs })).lost
  }
  console.log(`kill -9: the planted fault lost ${lost} records within ${cycles} cycles`)
  expect(lost).toBeGreaterThan(0)
})
