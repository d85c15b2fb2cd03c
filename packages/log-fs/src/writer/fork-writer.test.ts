import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Log, LogError, toOffset } from "@bellmouth/log"
import fc from "fast-check"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { repairFsLog } from "../repair/repair-fs-log.ts"
import { verifyFsLog } from "../repair/verify-fs-log.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"

let root = ""
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bellmouth-fork-"))
})
afterEach(() => rm(root, { recursive: true }))

async function append(log: Log, ...texts: string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const text of texts) await writer.write(new TextEncoder().encode(text))
  await writer.close()
}

async function texts(log: Log): Promise<string[]> {
  const all: string[] = []
  for await (const { data } of log.replay()) all.push(new TextDecoder().decode(data))
  return all
}

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "done"
  } catch (error) {
    return error instanceof LogError ? error.code : String(error)
  }
}

test("a fork goes to a new or an empty directory, and nowhere else", async () => {
  await using log = await openFsLog(join(root, "log"))
  await append(log, "one", "two")
  await using other = await openFsLog(join(root, "other"))
  await mkdir(join(root, "full"))
  await writeFile(join(root, "full", "notes.txt"), "mine")
  await writeFile(join(root, "file"), "mine")
  await mkdir(join(root, "empty"))
  for (const name of ["log", "other", "full"]) {
    expect(await code(log.fork(toOffset(1), join(root, name))), name).toBe("EXISTS")
  }
  expect(await code(log.fork(toOffset(1), join(root, "file")))).toBe("NOT_A_LOG")
  expect(await readdir(join(root, "full"))).toEqual(["notes.txt"])
  for (const name of ["empty", "new", "new/deeper"]) {
    await using fork = await log.fork(toOffset(1), join(root, name))
    expect(await texts(fork), name).toEqual(["one"])
  }
  await append(log, "three")
  expect(await texts(log)).toEqual(["one", "two", "three"])
  expect(await texts(other)).toEqual([])
})

test("a fork of many segments is whole by every frame, and has an index of each", async () => {
  await using log = await openFsLog(join(root, "log"), { segmentBytes: 500 })
  const records = Array.from({ length: 60 }, (_, n) => `record ${n} ${"-".repeat(n)}`)
  for (const record of records) await append(log, record)
  const to = join(root, "fork")
  const fork = await log.fork(toOffset(55), to)
  expect(await texts(fork)).toEqual(records.slice(0, 55))
  await append(fork, "more")
  await fork.close()
  const { damages, segments, tail } = await verifyFsLog(to)
  expect(damages).toEqual([])
  expect(tail).toBe(56)
  expect(segments.length).toBeGreaterThan(5)
  const names = await readdir(to)
  expect(names.filter((name) => name.endsWith(".index")).length).toBeGreaterThanOrEqual(
    segments.length - 1,
  )
  expect(names).not.toContain("forking")
})

test("any fork of any batches holds what the log held, and takes them on", async () => {
  const batch = fc.array(fc.string({ maxLength: 12, unit: "binary" }), {
    minLength: 1,
    maxLength: 5,
  })
  let cuts = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.boolean(),
      async (batches, pick, isKnown) => {
        const fileLayer = new MemoryFileLayer()
        const options = { fileLayer, segmentBytes: 200 }
        const log = await openFsLog("/log", options)
        const all = batches.flat()
        const pipe = log.writable(isKnown ? { producer: { id: "p", epoch: 0 } } : {})
        const writer = pipe.getWriter()
        const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
        for (const part of batches) await writer.write(part.map(encode))
        await writer.close()
        const at = pick % (all.length + 1)
        const fork = await log.fork(toOffset(at), "/fork")
        expect(await texts(fork)).toEqual(all.slice(0, at))
        await fork.close()
        expect((await verifyFsLog("/fork", { fileLayer })).damages).toEqual([])
        if (!isKnown) return
        const again = await openFsLog("/fork", options)
        const { readable, writable } = again.append({ producer: { id: "p", epoch: 0 } })
        const sender = writable.getWriter()
        const sending = (async () => {
          for (const part of batches) await sender.write(part.map(encode))
          await sender.close()
        })()
        let repeated = 0
        let covered = 0
        for await (const ack of readable) {
          if (ack.repeated !== true) continue
          repeated++
          covered += ack.count
        }
        await sending
        expect(covered).toBe(at)
        const rest = batches.slice(repeated).flat()
        expect(await texts(again)).toEqual([...all.slice(0, at), ...rest])
        if (covered < batches.slice(0, repeated).flat().length) cuts++
      },
    ),
    { numRuns: 150 },
  )
  expect(cuts).toBeGreaterThan(10)
})

test("an unfinished fork is no log, neither to read nor to write, and is made again", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  await append(log, "one", "two")
  await (await log.fork(toOffset(2), "/fork")).close()
  await fileLayer.open("/fork/forking", "create")
  fileLayer.files.delete("/fork/tail")
  expect(await code(openFsLog("/fork", { fileLayer, mode: "read" }))).toBe("NOT_A_LOG")
  expect(await code(openFsLog("/fork", { fileLayer }))).toBe("NOT_A_LOG")
  expect(fileLayer.files.has("/fork/lock")).toBe(false)
  const fork = await log.fork(toOffset(1), "/fork")
  expect(await texts(fork)).toEqual(["one"])
})

test("a repaired log is forked with what it has lost, and not in the middle of that", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  for (const text of ["zero", "one", "two", "three", "four"]) await append(log, text)
  await log.close()
  const bytes = fileLayer.files.get("/log/00000000000000000000.log") ?? new Uint8Array()
  // The frames of records 1 and 2, of 52 bytes each, behind one of 53.
  bytes.set([0xff], 64 + 53 + 50)
  bytes.set([0xff], 64 + 53 + 52 + 50)
  await repairFsLog("/log", { fileLayer })
  const again = await openFsLog("/log", { fileLayer })
  expect(await again.tail()).toBe(5)
  const forks = [0, 1, 2, 3, 5].map(async (at) => {
    const fork = await again.fork(toOffset(at), `/fork-${at}`)
    return [await fork.tail(), await code(texts(fork))]
  })
  const seen = await Promise.all(forks.map((fork) => fork.catch((error: LogError) => error.code)))
  expect(seen).toEqual([
    [0, "done"],
    [1, "done"],
    "OFFSET_LOST",
    [3, "OFFSET_LOST"],
    [5, "OFFSET_LOST"],
  ])
  expect((await verifyFsLog("/fork-5", { fileLayer })).damages).toEqual([])
})

test("a damaged log is forked before the damage, and not past it", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  await append(log, "one")
  await append(log, "two")
  const bytes = fileLayer.files.get("/log/00000000000000000000.log") ?? new Uint8Array()
  bytes.set([0xff], Buffer.from(bytes).lastIndexOf("two"))
  expect(await code(log.fork(toOffset(2), "/past"))).toBe("CORRUPT")
  expect(fileLayer.files.has("/past/lock")).toBe(false)
  expect(await code(openFsLog("/past", { fileLayer, mode: "read" }))).toBe("NOT_A_LOG")
  expect(await texts(await log.fork(toOffset(1), "/before"))).toEqual(["one"])
})
