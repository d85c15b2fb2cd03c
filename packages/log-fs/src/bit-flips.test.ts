import { LogError } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"

const RECORDS = ["alpha", "beta", "gamma\ndelta", "", "epsilon", "zeta", "eta"]
/** Small enough that the records fill three segments, so that there are indexes as well. */
const SEGMENT_BYTES = 200
/** A record of the tail file, of which there may be four; the rest of it is padding. */
const isPadding = (path: string, byte: number): boolean =>
  path.endsWith("/tail") && byte % 512 >= 64

async function build(): Promise<MemoryFileLayer> {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  const { readable, writable } = log.append()
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  for (const record of RECORDS) {
    void writer.write(new TextEncoder().encode(record))
    await reader.read()
  }
  await log.close()
  return fileLayer
}

/** What can be read, and the error that ended it. */
async function readOut(fileLayer: MemoryFileLayer, mode: "read" | "write") {
  const records: string[] = []
  try {
    await using log = await openFsLog("/log", { fileLayer, mode, segmentBytes: SEGMENT_BYTES })
    for await (const entry of log.replay()) {
      if (entry.offset !== records.length)
        throw new RangeError(`offset ${entry.offset} is not next`)
      records.push(new TextDecoder().decode(entry.data))
    }
    return { records, error: undefined }
  } catch (error) {
    return { records, error }
  }
}

test("no flipped bit of any file is served, or makes the log silently shorter", async () => {
  const { files } = await build()
  const seen = { segment: 0, tail: 0, index: 0 }
  for (const [path, bytes] of files) {
    const kind = path.endsWith(".log") ? "segment" : path.endsWith("tail") ? "tail" : "index"
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      if (isPadding(path, bit >> 3)) continue
      for (const mode of ["read", "write"] as const) {
        const layer = new MemoryFileLayer(files)
        const file = layer.files.get(path) ?? new Uint8Array()
        file[bit >> 3] = (file[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const { records, error } = await readOut(layer, mode)
        const where = `${mode} with bit ${bit} of ${path} flipped`
        if (kind === "segment") {
          const isPrefix = records.every((record, offset) => record === RECORDS[offset])
          const isTold = error instanceof LogError && error.code === "CORRUPT"
          if (!isPrefix || !isTold) expect.fail(`${where}: ${records.join()}, ${String(error)}`)
        } else if (error !== undefined || records.join() !== RECORDS.join()) {
          expect.fail(`${where}: ${records.join()}, ${String(error)}`)
        }
        seen[kind]++
      }
    }
  }
  expect(seen.segment).toBeGreaterThan(9_000)
  expect(seen.tail).toBe(2 * 4 * 64 * 8)
  expect(seen.index).toBeGreaterThan(1_000)
}, 60_000)

test("a file that is missing is told, or not needed", async () => {
  const { files } = await build()
  for (const path of files.keys()) {
    for (const mode of ["read", "write"] as const) {
      const layer = new MemoryFileLayer(files)
      layer.files.delete(path)
      const { records, error } = await readOut(layer, mode)
      const where = `${mode} without ${path}`
      expect(records, where).toEqual(RECORDS.slice(0, records.length))
      const isNeeded = path.endsWith(".log") || (path.endsWith("tail") && mode === "read")
      if (isNeeded) expect(error, where).toHaveProperty("code", "CORRUPT")
      else expect(records, where).toEqual(RECORDS)
    }
  }
})
