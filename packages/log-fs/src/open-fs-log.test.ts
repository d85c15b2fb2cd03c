import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { logConformance } from "@bellmouth/log/conformance"
import { test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"

for (const level of ["disk", "process"] as const) {
  const cases = logConformance({
    supports: {
      append: true,
      producers: true,
      trim: true,
      seal: false,
      fork: false,
      reopen: true,
      manyWriters: false,
    },
    async create() {
      const directory = await mkdtemp(join(tmpdir(), "bellmouth-log-"))
      const options = { level, segmentBytes: 300 }
      return {
        log: await openFsLog(directory, options),
        reopen: () => openFsLog(directory, options),
        dispose: () => rm(directory, { recursive: true }),
      }
    },
  })
  for (const { name, run, skip } of cases) {
    test.skipIf(skip !== undefined)(`fs log, ${level}: ${name}`, run)
  }
}
