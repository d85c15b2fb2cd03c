import { closeSync, existsSync, fsyncSync, openSync, writeFileSync, writeSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openFsLog } from "@bellmouth/log-fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { diskCuts } from "./disk-cuts.ts"
import { makeLoopDisk } from "./loop-disk.ts"
import { needsMounts } from "./needs.ts"
import { bundleProgram } from "./planted-fault.ts"
import { faultsFor } from "./planted-faults.ts"
import { readReference } from "./reference-reader.ts"

const CUTS = Number(process.env.DISK_CUTS ?? 100)
const MEGABYTES = { ext4: 48, xfs: 320 }

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-disk-"))
})
afterAll(() => rm(folder, { recursive: true }))

for (const type of ["ext4", "xfs"] as const) {
  const megabytes = MEGABYTES[type]
  test.skipIf(!needsMounts)(
    `${type}: the rig loses what was not synced, and only that`,
    async () => {
      const disk = await makeLoopDisk(folder, type, { megabytes })
      try {
        const synced = openSync(join(disk.path, "synced"), "w")
        writeSync(synced, "synced")
        fsyncSync(synced)
        closeSync(synced)
        writeFileSync(join(disk.path, "unsynced"), "unsynced")
        await disk.cut()
        await disk.remount()
        const names = ["synced", "unsynced"].filter((name) => existsSync(join(disk.path, name)))
        expect(names, "the rig is broken").toEqual(["synced"])
      } finally {
        await disk.remove()
      }
    },
  )

  test.skipIf(!needsMounts)(`${type}: a power cut takes no acknowledged record`, async () => {
    const disk = await makeLoopDisk(folder, type, { megabytes })
    try {
      const counts = await diskCuts(disk, await bundleProgram("kill-writer.ts", folder), CUTS)
      console.log(`power cuts of ${type}:`, JSON.stringify(counts))
      expect(counts).toMatchObject({ cuts: CUTS, lost: 0, changed: 0, damaged: 0, stopped: 0 })
      expect(counts.acknowledged).toBeGreaterThanOrEqual(CUTS * 50)
      const { records } = readReference(join(disk.path, "log"))
      await using log = await openFsLog(join(disk.path, "log"))
      let offset = 0
      for await (const { data } of log.replay()) {
        if (!records[offset]?.equals(data)) expect.fail(`the readers differ at offset ${offset}`)
        offset++
      }
      expect(offset).toBe(records.length)
    } finally {
      await disk.remove()
    }
  })

  for (const { name, faults } of faultsFor("power")) {
    test.skipIf(!needsMounts)(`${type}: power cuts show the planted fault ${name}`, async () => {
      const disk = await makeLoopDisk(folder, type, { megabytes })
      try {
        const program = await bundleProgram("kill-writer.ts", folder, faults)
        const { lost, damaged, stopped, cuts } = await diskCuts(disk, program, 3)
        console.log(
          `power cuts of ${type}: ${name}:`,
          JSON.stringify({ lost, damaged, stopped, cuts }),
        )
        expect(lost + damaged + stopped).toBeGreaterThan(0)
      } finally {
        await disk.remove()
      }
    })
  }
}
