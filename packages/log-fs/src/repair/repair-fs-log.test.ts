import { crc32 } from "node:zlib"
import { LogError, type Offset, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { fileError, MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { repairFsLog } from "./repair-fs-log.ts"
import { verifyFsLog } from "./verify-fs-log.ts"

const SEGMENT_BYTES = 300
const BATCHES = 10
const textOf = (offset: number): string => `record ${offset} ${"-".repeat(offset % 7)}`
const nameOf = (base: number): string => `/log/${String(base).padStart(20, "0")}.log`
type Files = ReadonlyMap<string, Uint8Array>

/** A log of batches of two records of one producer, in some segments. */
async function build(sealed = false): Promise<Files> {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  for (let batch = 0; batch < BATCHES; batch++) {
    const producer = { id: "p", epoch: 0, sequence: batch }
    const writer = log.writable({ producer }).getWriter()
    const texts = [textOf(batch * 2), textOf(batch * 2 + 1)]
    writer.write(texts.map((text) => new TextEncoder().encode(text))).catch(() => {})
    await writer.close()
  }
  if (sealed) await log.seal()
  await log.close()
  return fileLayer.files
}

function markOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "none" : `${bytes.length} ${crc32(bytes)}`
}

/** The files and what is in them, in short. */
function marks(files: Files): string[] {
  return Array.from(files, ([path, bytes]) => `${path} ${markOf(bytes)}`).sort()
}

/** Everything that a log gives, over its holes; every record is checked. */
async function readAll(fileLayer: MemoryFileLayer, mode: "read" | "write" = "read") {
  await using log = await openFsLog("/log", { fileLayer, mode, segmentBytes: SEGMENT_BYTES })
  const offsets: number[] = []
  const lost: [number, number][] = []
  for (let from: Offset = await log.start(); ; ) {
    try {
      for await (const { offset, data } of log.replay({ from })) {
        expect(new TextDecoder().decode(data)).toBe(textOf(offset))
        offsets.push(offset)
      }
      return { offsets, lost, start: await log.start(), tail: await log.tail() }
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== "OFFSET_LOST" || !error.offset) throw error
      lost.push([(offsets.at(-1) ?? -1) + 1, error.offset])
      from = error.offset
    }
  }
}

/** Repairs a log, and holds everything that a repair promises. */
async function repaired(files: Files, where: string) {
  const fileLayer = new MemoryFileLayer(files)
  const planned = await repairFsLog("/log", { fileLayer, dryRun: true })
  expect(marks(fileLayer.files), `${where}: a plan changes nothing`).toEqual(marks(files))
  const report = await repairFsLog("/log", { fileLayer })
  expect(report.damages, where).toEqual(planned.damages)
  expect(report.lost, where).toEqual(planned.lost)
  const checked = await verifyFsLog("/log", { fileLayer })
  expect(checked.damages, where).toEqual([])
  const before = marks(fileLayer.files)
  expect((await repairFsLog("/log", { fileLayer })).outcome, `${where}: once is enough`).toBe(
    "whole",
  )
  expect(marks(fileLayer.files)).toEqual(before)
  const read = await readAll(fileLayer)
  expect(read, where).toMatchObject({ start: report.start, tail: report.tail })
  for (const path of report.keptAs.filter((path) => path.endsWith(".broken"))) {
    const name = /\d\.broken$/.test(path)
      ? path.replace("broken", "log")
      : path.replace(".broken", "")
    expect(markOf(fileLayer.files.get(path)), `${where}: ${path}`).toBe(markOf(files.get(name)))
  }
  return { report, read, fileLayer }
}

test("a log that is whole is left as it is, also after a crash", async () => {
  const files = await build()
  const fileLayer = new MemoryFileLayer(files)
  expect(await repairFsLog("/log", { fileLayer })).toMatchObject({
    outcome: "whole",
    lost: [],
    tail: 20,
    keptAs: [],
  })
  expect(marks(fileLayer.files)).toEqual(marks(files))
})

test("with any bit of any segment flipped, all is given but the batch that was hit", async () => {
  const files = await build()
  let [flips, mended, lostBatches] = [0, 0, 0]
  for (const [path, bytes] of files) {
    if (!path.endsWith(".log")) continue
    for (let bit = 0; bit < bytes.length * 8; bit += 29) {
      const damaged = new Map(files).set(path, bytes.slice())
      const file = damaged.get(path) ?? new Uint8Array()
      file[bit >> 3] = (file[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const where = `bit ${bit} of ${path}`
      const { report, read } = await repaired(damaged, where)
      expect(report.outcome, where).toBe("repaired")
      flips++
      const gone = 20 - read.offsets.length
      if (gone === 0) mended++
      else lostBatches++
      // A damaged header costs nothing: what it says can be told from its frames.
      expect(gone, where).toBe(bit < 64 * 8 ? 0 : 2)
      expect(read.tail, where).toBe(20)
    }
  }
  expect(flips).toBeGreaterThan(300)
  expect(mended).toBeGreaterThan(60)
  expect(lostBatches).toBeGreaterThan(200)
}, 120_000)

test("any two files missing: what is left is given", async () => {
  const files = await build()
  const paths = [...files.keys()]
  let cases = 0
  for (const one of paths) {
    for (const other of paths) {
      const left = new Map(files)
      left.delete(one)
      left.delete(other)
      const segments = [...left.keys()].filter((path) => path.endsWith(".log"))
      if (segments.length === 0) continue
      const { read } = await repaired(left, `without ${one} and ${other}`)
      const bases = [...files.keys()].filter((path) => path.endsWith(".log")).sort()
      const expected: number[] = []
      for (const [index, path] of bases.entries()) {
        if (!left.has(path)) continue
        const next = bases[index + 1]
        const end = next === undefined ? 20 : Number(/\d{20}/.exec(next)?.[0])
        for (let offset = Number(/\d{20}/.exec(path)?.[0]); offset < end; offset++)
          expected.push(offset)
      }
      expect(read.offsets, `without ${one} and ${other}`).toEqual(expected)
      cases++
    }
  }
  expect(cases).toBeGreaterThan(60)
})

test("what is lost keeps its offsets, and the log goes on behind it", async () => {
  const files = await build()
  const fileLayer = new MemoryFileLayer(files)
  const last =
    [...files.keys()]
      .filter((path) => path.endsWith(".log"))
      .sort()
      .at(-1) ?? ""
  const bytes = fileLayer.files.get(last) ?? new Uint8Array()
  fileLayer.files.set(last, bytes.slice(0, bytes.length - 1))
  await expect(openFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: "CORRUPT" })
  const { lost, tail } = await repairFsLog("/log", { fileLayer })
  expect([lost, tail]).toEqual([[{ from: 18, until: 20 }], 20])
  const log = await openFsLog("/log", { fileLayer })
  const { readable, writable } = log.append({ producer: { id: "p", epoch: 0, sequence: 9 } })
  const writer = writable.getWriter()
  writer.write(new TextEncoder().encode(textOf(20))).catch(() => {})
  // The batch that was lost can be sent again: it is not known to be stored.
  expect((await readable.getReader().read()).value).toMatchObject({ offset: 20 })
  await writer.close()
  await log.close()
  expect(await readAll(fileLayer)).toMatchObject({ lost: [[18, 20]], tail: 21 })
  const again = await openFsLog("/log", { fileLayer })
  await again.trim(toOffset(20))
  await again.close()
  expect(await readAll(fileLayer)).toMatchObject({ lost: [], start: 20, offsets: [20] })
  expect((await verifyFsLog("/log", { fileLayer })).damages).toEqual([])
})

test("a replay that begins in a hole, or comes to it, is told where to go on", async () => {
  const files = await build()
  const bytes = files.get(nameOf(0))?.slice() ?? new Uint8Array()
  bytes[bytes.indexOf(0x72, 70)] = 0
  const { fileLayer, report } = await repaired(new Map(files).set(nameOf(0), bytes), "a record")
  expect(report.lost).toEqual([{ from: 0, until: 2 }])
  expect(report.start).toBe(2)
  await using log = await openFsLog("/log", { fileLayer, mode: "read" })
  const early = log
    .replay({ from: toOffset(1) })
    .getReader()
    .read()
  await expect(early).rejects.toMatchObject({ code: "OFFSET_TRIMMED", offset: 2 })
})

test("a record that holds the bytes of a later frame is not taken for one", async () => {
  const source = await build()
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  const seed = fileLayer.files.get(nameOf(0))?.slice(0, 64) ?? new Uint8Array()
  // Whoever knows the id makes a frame of the log for a later offset, and has it stored as a record.
  const { encodeFrame } = await import("../frames/frame.ts")
  const { idSeed } = await import("../segments/log-id.ts")
  const run = {
    framing: "lines",
    batches: 1,
    count: 1,
    byteLength: 5,
    producer: undefined,
  } as const
  const body = new TextEncoder().encode("evil\n")
  const commit = { count: 1, runs: [run], bytes: body }
  const { head } = encodeFrame(commit, { offset: 1, previous: 0 }, idSeed(seed.slice(16, 32)))
  const records = [Buffer.concat([head, body]), new Uint8Array([1]), new Uint8Array([2])]
  for (const record of records) {
    const writer = log.writable().getWriter()
    writer.write(record).catch(() => {})
    await writer.close()
  }
  await log.close()
  const bytes = fileLayer.files.get(nameOf(0)) ?? new Uint8Array()
  // A bit after the planted frame, within the record's own frame.
  const at = 64 + 48 + 4 + (records[0]?.length ?? 0) - 1
  bytes[at] = (bytes[at] ?? 0) ^ 64
  const { lost } = await repairFsLog("/log", { fileLayer })
  expect(lost).toEqual([{ from: 0, until: 1 }])
  await using reader = await openFsLog("/log", { fileLayer, mode: "read" })
  const left = await Array.fromAsync(reader.replay())
  expect(left.map(({ offset, data }) => [offset, [...data]])).toEqual([
    [1, [1]],
    [2, [2]],
  ])
  expect(source.size).toBeGreaterThan(3)
})

test("a damaged seal is made anew, and the log stays sealed", async () => {
  const files = await build(true)
  const seal = files.get("/log/sealed")?.slice() ?? new Uint8Array()
  seal[9] = 77
  const { fileLayer, read } = await repaired(new Map(files).set("/log/sealed", seal), "the seal")
  expect(read.offsets.length).toBe(20)
  await using log = await openFsLog("/log", { fileLayer, mode: "read" })
  expect(await log.sealed()).toBe(true)
})

test("a repair that fails at any operation can be run again, and gives the same", async () => {
  const files = await build()
  const path = nameOf(4)
  const other = [...files.keys()].filter((name) => name.endsWith(".log")).sort()
  const damaged = new Map(files)
  for (const name of other.slice(0, 3)) {
    const bytes = files.get(name)?.slice() ?? new Uint8Array()
    bytes[bytes.indexOf(0x72, 70)] = 0
    damaged.set(name, bytes)
  }
  expect(path).toContain("4")
  const { read: wanted } = await repaired(damaged, "in one go")
  let failed = 0
  for (let nth = 0; ; nth++) {
    const inner = new MemoryFileLayer(damaged)
    let count = 0
    const fileLayer = faultLayer(inner, ({ path: at }) =>
      count++ >= nth ? { type: "error", error: fileError("EIO", at) } : undefined,
    )
    const error = await repairFsLog("/log", { fileLayer }).catch((cause: unknown) => cause)
    inner.files.delete("/log/lock")
    inner.files.delete("/log/lock.takeover")
    await repairFsLog("/log", { fileLayer: inner })
    expect(await readAll(inner), `failed at operation ${nth}`).toEqual(wanted)
    expect(await readAll(inner, "write")).toEqual(wanted)
    if (!(error instanceof Error)) break
    failed++
  }
  expect(failed).toBeGreaterThan(60)
})

test("a log that is open for writing is LOCKED; what is no log is NOT_A_LOG", async () => {
  const fileLayer = new MemoryFileLayer()
  await expect(repairFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: "NOT_A_LOG" })
  const log = await openFsLog("/log", { fileLayer })
  await expect(repairFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: "LOCKED" })
  await log.close()
})
