import type { Log, LogEntry } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { repairFsLog } from "../repair/repair-fs-log.ts"
import { verifyFsLog } from "../repair/verify-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { fileError, MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { withoutFill, zerosAfter } from "./segment-fill.ts"

const SEGMENT = "/log/00000000000000000000.log"

const sizeOf = (layer: MemoryFileLayer, path = SEGMENT): number =>
  layer.files.get(path)?.length ?? 0

async function append(log: Log, ...records: string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const record of records) void writer.write(new TextEncoder().encode(record))
  await writer.close()
}

async function texts(log: Log): Promise<string[]> {
  const entries = await Array.fromAsync(log.replay())
  return entries.map(({ data }) => new TextDecoder().decode(data))
}

/** The files as a writer leaves them that is killed. */
async function killed(records: readonly string[]): Promise<MemoryFileLayer> {
  const layer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer: layer })
  for (const record of records) await append(log, record)
  const left = new MemoryFileLayer(layer.files)
  left.files.delete("/log/lock")
  await log.close()
  return left
}

test("a segment is filled as far again as it goes, in whole blocks, up to a limit", () => {
  const after = (position: number, end: number, filled = position, segmentBytes = 2 ** 26) =>
    zerosAfter(end, { position, filled }, segmentBytes).length
  expect(100 + after(64, 100)).toBe(8_192)
  expect(10_000 + after(9_000, 10_000)).toBe(20_480)
  expect(1_000_000 + after(999_900, 1_000_000)).toBe(1_265_664)
  // There are zeros.
  expect(after(999_900, 1_000_000, 1_000_000)).toBe(0)
  // A large frame grows the file by itself.
  expect(after(900_000, 965_536)).toBeGreaterThan(0)
  expect(after(900_000, 965_537)).toBe(0)
  // A segment is not filled past its end.
  expect(after(9_000, 10_000, 9_000, 10_100)).toBe(100)
  expect(after(9_000, 10_000, 9_000, 5_000)).toBe(0)
})

test("most commits change no size, and what is closed has no zeros", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  let grown = 0
  for (let n = 0; n < 500; n++) {
    const before = sizeOf(fileLayer)
    await append(log, `record ${n}`)
    if (sizeOf(fileLayer) !== before) grown++
  }
  expect(grown).toBeGreaterThan(0)
  expect(grown).toBeLessThan(8)
  const content = withoutFill(fileLayer.files.get(SEGMENT) ?? new Uint8Array())
  expect(sizeOf(fileLayer)).toBeGreaterThan(content.length)
  expect((await verifyFsLog("/log", { fileLayer })).damages).toEqual([])
  await log.close()
  expect(sizeOf(fileLayer)).toBe(content.length)
})

test("zeros for which a disk has no room are done without", async () => {
  const files = new MemoryFileLayer()
  const fileLayer = {
    ...faultLayer(files, () => undefined),
    async open(path: string, mode: "read" | "write" | "create") {
      const file = await files.open(path, mode)
      const write = file.write.bind(file)
      file.write = (parts, position) => {
        if (path !== SEGMENT) return write(parts, position)
        const room = 10_000 - position
        if (room <= 0) throw fileError("ENOSPC", path)
        return write([Buffer.concat(parts).subarray(0, room)], position)
      }
      return file
    },
  }
  const log = await openFsLog("/log", { fileLayer })
  // A frame of 100 bytes each.
  for (let n = 0; n < 99; n++) await append(log, `${n}`.padEnd(51))
  await expect(append(log, "more".padEnd(51))).rejects.toMatchObject({ code: "WRITE_FAILED" })
  expect(sizeOf(files)).toBe(10_000)
  await log.close()
  await using again = await openFsLog("/log", { fileLayer: files })
  expect(again.recovery?.position).toBe(64 + 99 * 100)
  expect(await again.tail()).toBe(99)
})

test("a level that does not wait for the disk writes no zeros", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, level: "process" })
  await append(log, "one")
  const size = sizeOf(fileLayer)
  await log.close()
  expect(sizeOf(fileLayer)).toBe(size)
})

test("a segment that another follows ends with its last frame", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes: 6_000 })
  const records = Array.from({ length: 400 }, (_, n) => `record ${n}`)
  for (const record of records) await append(log, record)
  const { segments, damages } = await verifyFsLog("/log", { fileLayer })
  expect(damages).toEqual([])
  expect(segments.length).toBeGreaterThan(3)
  for (const { path } of segments.slice(0, -1)) {
    const bytes = fileLayer.files.get(path) ?? new Uint8Array()
    expect(withoutFill(bytes).length).toBe(bytes.length)
  }
  expect(await texts(log)).toEqual(records)
  await log.close()
})

test("what a killed writer leaves is opened and read, whatever bit of the zeros is flipped", async () => {
  const records = ["one", "two\nlines", "three"]
  const { files } = await killed(records)
  const size = files.get(SEGMENT)?.length ?? 0
  const end = withoutFill(files.get(SEGMENT) ?? new Uint8Array()).length
  expect(size).toBeGreaterThan(end + 4_000)
  const asLeft = { fileLayer: new MemoryFileLayer(files) }
  expect((await verifyFsLog("/log", asLeft)).damages).toEqual([])
  expect((await repairFsLog("/log", { ...asLeft, dryRun: true })).outcome).toBe("whole")
  let flips = 0
  for (let bit = end * 8 - 8; bit < size * 8; bit += bit < (end + 64) * 8 ? 1 : 1_001) {
    const fileLayer = new MemoryFileLayer(files)
    const isFill = bit >= end * 8
    const bytes = fileLayer.files.get(SEGMENT) ?? new Uint8Array()
    if (isFill) bytes[bit >> 3] = 1 << (bit & 7)
    await using reader = await openFsLog("/log", { fileLayer, mode: "read" })
    expect(await texts(reader)).toEqual(records)
    await using log = await openFsLog("/log", { fileLayer })
    // One bit that is not zero is told as what a write has left that never finished.
    expect(log.recovery === undefined).toBe(!isFill)
    expect(sizeOf(fileLayer)).toBe(end)
    await append(log, "four")
    expect(await texts(log)).toEqual([...records, "four"])
    if (isFill) flips++
  }
  expect(flips).toBeGreaterThan(500)
})

test("a reader does not take for records what it had read ahead of them", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  // Sixteen frames are what is read at a time.
  const record = (n: number): string => `${n}`.padEnd(65_536 - 49, ".")
  for (let n = 0; n < 32; n++) await append(log, record(n))
  for (const lend of [false, true]) {
    const from = await log.tail()
    await using reader = await openFsLog("/log", { fileLayer, mode: "read" })
    const batches = reader.replayBatches({ follow: true, lend }).getReader()
    let seen = 0
    const read = async (): Promise<void> => {
      const { value } = await batches.read()
      for (const { data } of value ?? []) {
        expect(Number.parseInt(new TextDecoder().decode(data), 10)).toBe(seen++)
      }
    }
    // The last of its reads begins to read ahead, up to the end of the zeros.
    while (seen < from) await read()
    expect(seen).toBe(from)
    for (let n = from; n < from + 16; n++) await append(log, record(n))
    while (seen < from + 16) await read()
    await batches.cancel()
  }
  await log.close()
})

test("a reader takes nothing from a writer that was stopped while another took over", async () => {
  const fileLayer = new MemoryFileLayer()
  const stopped = await openFsLog("/log", { fileLayer })
  await append(stopped, "one")
  await append(stopped, "two")
  await using reader = await openFsLog("/log", { fileLayer, mode: "read" })
  const next = async (entries: ReadableStreamDefaultReader<LogEntry>): Promise<string> =>
    new TextDecoder().decode((await entries.read()).value?.data)
  const waiting = reader.replay({ follow: true }).getReader()
  const begun = reader.replay({ follow: true, limit: 3 }).getReader()
  expect([await next(waiting), await next(waiting), await next(begun)]).toEqual([
    "one",
    "two",
    "one",
  ])
  await using writer = await openFsLog("/log", { fileLayer, takeOver: true })
  // It goes to the file that it has open, and the reader, too.
  await expect(append(stopped, "late")).rejects.toMatchObject({ code: "FENCED" })
  await append(writer, "three")
  expect([await next(begun), await next(begun)]).toEqual(["two", "three"])
  expect(await next(waiting)).toBe("three")
  await waiting.cancel()
  await expect(stopped.close()).resolves.toBeUndefined()
})
