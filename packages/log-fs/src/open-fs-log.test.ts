import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Log } from "@bellmouth/log"
import { type ConformanceLog, logConformance } from "@bellmouth/log/conformance"
import { test } from "vitest"
import { nodeBlockingFileLayer } from "./node-file-layer.ts"
import { type FsLogOptions, openFsLog } from "./open-fs-log.ts"

const directories = new Map<string, string>()

async function create(options: FsLogOptions): Promise<ConformanceLog> {
  const directory = await mkdtemp(join(tmpdir(), "bellmouth-log-"))
  return conformanceLog(directory, await openFsLog(directory, options), options)
}

function conformanceLog(directory: string, log: Log, options: FsLogOptions): ConformanceLog {
  directories.set(log.id, directory)
  return {
    log,
    reopen: () => openFsLog(directory, options),
    dispose: () => rm(directory, { recursive: true }),
    async fork(at) {
      const to = `${directory}-fork-${crypto.randomUUID()}`
      return conformanceLog(to, await log.fork(at, to), options)
    },
  }
}

const KINDS: Record<string, FsLogOptions> = {
  disk: { level: "disk" },
  process: { level: "process" },
  blocking: { fileLayer: nodeBlockingFileLayer },
}

for (const [kind, options] of Object.entries(KINDS)) {
  const cases = logConformance({
    supports: {
      append: true,
      producers: true,
      trim: true,
      seal: true,
      fork: "copy",
      reopen: true,
      manyWriters: false,
    },
    create: () => create({ ...options, segmentBytes: 300 }),
    beside: (log) => openFsLog(directories.get(log.id) ?? "", { mode: "read" }),
  })
  for (const { name, run, skip } of cases) {
    test.skipIf(skip !== undefined)(`fs log, ${kind}: ${name}`, run)
  }
}
