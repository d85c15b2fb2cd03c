import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openFsLog } from "@bellmouth/log-fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { fill, filler, makeFailingDisk, retryRaw } from "./failing-disk.ts"
import { growMemory, mountMemory } from "./loop-disk.ts"
import { needsMounts } from "./needs.ts"
import { importLogFs, type LogFs } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { readReference } from "./reference-reader.ts"

const RECORD_BYTES = 262_144
const SMALL_BYTES = 10_000

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-failing-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** How many of the acknowledged records a reader that is not ours does not find. */
function missing(directory: string, acknowledged: number, byteLength: number): number {
  const records = readLeft(directory)
  const offsets = Array.from({ length: acknowledged }, (_, offset) => offset)
  return offsets.filter((offset) => !records[offset]?.equals(filler(offset, byteLength))).length
}

function readLeft(directory: string): readonly Buffer[] {
  try {
    return readReference(directory).records
  } catch (error) {
    console.log(`the log can not be read: ${String(error)}`)
    return []
  }
}

async function onFailingDisk(open: LogFs["openFsLog"], hasJournal: boolean) {
  const disk = await makeFailingDisk(folder, hasJournal)
  try {
    const directory = join(disk.path, "log")
    const filled = await fill(open, directory, RECORD_BYTES)
    await disk.remount()
    return { ...filled, lost: missing(directory, filled.acknowledged, RECORD_BYTES) }
  } finally {
    await disk.remove()
  }
}

test.skipIf(!needsMounts)(
  "the rig: an fsync that is tried again says success and lies",
  async () => {
    const disk = await makeFailingDisk(folder, false)
    try {
      const { syncs, lost } = await retryRaw(disk)
      console.log(`the syncs said ${syncs.join(", ")}; ${lost} of 40 MiB are lost`)
      expect(syncs.length, "the rig is broken").toBeGreaterThan(1)
      expect(syncs.at(-1), "the rig is broken").toBe("success")
      expect(lost, "the rig is broken").toBeGreaterThan(0)
    } finally {
      await disk.remove()
    }
  },
)

test.skipIf(!needsMounts)("a disk that fails its syncs takes no acknowledged record", async () => {
  const { acknowledged, codes, lost } = await onFailingDisk(openFsLog, true)
  console.log(`failing disk: ${acknowledged} acknowledged, then ${codes.join(", ")}; ${lost} lost`)
  expect(lost).toBe(0)
  expect(acknowledged).toBeGreaterThan(20)
  expect(codes.slice(0, 2)).toEqual(["WRITE_FAILED", "POISONED"])
})

for (const { name, faults } of faultsFor("failing")) {
  test.skipIf(!needsMounts)(`a failing disk shows the planted fault ${name}`, async () => {
    const { openFsLog: open } = await importLogFs(faults)
    const { acknowledged, lost } = await onFailingDisk(open, false)
    console.log(`failing disk: ${name} lost ${lost} of ${acknowledged} records`)
    // One is what this disk takes from a writer without faults.
    expect(lost).toBeGreaterThan(10)
  })
}

test.skipIf(!needsMounts)(
  "a full disk takes no acknowledged record, and is gone on with",
  async () => {
    const path = join(folder, "full")
    const unmount = await mountMemory(path, "1m")
    try {
      const directory = join(path, "log")
      const { acknowledged, codes } = await fill(openFsLog, directory, SMALL_BYTES)
      const { tornBytes } = readReference(directory)
      console.log(
        `full disk: ${acknowledged} acknowledged, then ${codes.join(", ")}, ${tornBytes} torn`,
      )
      expect(codes.slice(0, 2)).toEqual(["WRITE_FAILED", "POISONED"])
      expect(acknowledged).toBeGreaterThan(50)
      expect(tornBytes).toBeGreaterThan(0)
      expect(missing(directory, acknowledged, SMALL_BYTES)).toBe(0)
      await expect(openFsLog(directory)).rejects.toMatchObject({ code: "WRITE_FAILED" })
      await growMemory(path, "2m")
      await using log = await openFsLog(directory)
      expect(log.recovery?.byteLength).toBe(tornBytes)
      const writer = log.writable().getWriter()
      await writer.write(new Uint8Array(1))
      await writer.close()
      expect(await log.tail()).toBe(acknowledged + 1)
    } finally {
      await unmount()
    }
  },
)
