import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Log } from "@bellmouth/log"
import { type ConformanceLog, logConformance } from "@bellmouth/log/conformance"
import { expect, test } from "vitest"
import { nodeBlockingFileLayer } from "./files/node-file-layer.ts"
import { type FsLogOptions, openFsLog } from "./open-fs-log.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"

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

test("a segment holds a commit at least, however small segments are to be", async () => {
  for (const segmentBytes of [1, 63, 64, 65, 100]) {
    const fileLayer = new MemoryFileLayer()
    const log = await openFsLog("/log", { fileLayer, segmentBytes })
    for (let n = 0; n < 3; n++) {
      const writer = log.writable().getWriter()
      void writer.write(new Uint8Array(50))
      await writer.close()
    }
    await log.close()
    await using again = await openFsLog("/log", { fileLayer, segmentBytes })
    expect((await Array.fromAsync(again.replay())).length, `${segmentBytes}`).toBe(3)
    const segments = [...fileLayer.files.keys()].filter((path) => path.endsWith(".log"))
    expect(segments.length, `${segmentBytes}`).toBe(3)
  }
})
