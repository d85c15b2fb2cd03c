import { expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { withoutFill } from "./segment-fill.ts"

const SEGMENT = "/log/00000000000000000000.log"
const TAIL = "/log/tail"

/** A log of one frame a record, its files, and the tail file as it was before the last record. */
async function build(records: readonly string[]) {
  const layer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer: layer })
  let before = { tail: new Uint8Array(), size: 0 }
  const { readable, writable } = log.append()
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  for (const record of records) {
    before = { tail: fileOf(layer, TAIL).slice(), size: withoutFill(fileOf(layer, SEGMENT)).length }
    void writer.write(new TextEncoder().encode(record))
    await reader.read()
  }
  await writer.close()
  await log.close()
  return { files: new MemoryFileLayer(layer.files).files, before }
}

function fileOf(layer: MemoryFileLayer, path: string): Uint8Array {
  const bytes = layer.files.get(path)
  if (bytes === undefined) throw new Error(`no file ${path}`)
  return bytes
}

async function open(layer: MemoryFileLayer, mode: "read" | "write" = "write") {
  return openFsLog("/log", { fileLayer: layer, mode })
}

/** What can be read, and the error that ended it. */
async function readOut(layer: MemoryFileLayer, mode: "read" | "write") {
  const records: string[] = []
  try {
    await using log = await open(layer, mode)
    for await (const entry of log.replay()) {
      expect(entry.offset).toBe(records.length)
      records.push(new TextDecoder().decode(entry.data))
    }
    return { records, error: undefined }
  } catch (error) {
    return { records, error }
  }
}

const RECORDS = ["alpha", "beta", "gamma\ndelta", "", "epsilon"]

test("a tail torn at any byte of the last frame is cut back, reported and kept aside", async () => {
  const { files, before } = await build(RECORDS)
  const whole = files.get(SEGMENT)?.length ?? 0
  let torn = 0
  for (let length = before.size; length < whole; length++) {
    const layer = new MemoryFileLayer(files)
    const cut = fileOf(layer, SEGMENT).slice(0, length)
    layer.files.set(SEGMENT, cut)
    layer.files.set(TAIL, before.tail)
    const log = await open(layer)
    expect(await log.tail()).toBe(RECORDS.length - 1)
    if (length === before.size) {
      expect(log.recovery).toBeUndefined()
    } else {
      torn++
      const kept = withoutFill(cut.slice(before.size))
      expect(log.recovery).toMatchObject({
        offset: RECORDS.length - 1,
        path: SEGMENT,
        position: before.size,
        byteLength: kept.length,
      })
      expect(layer.files.get(log.recovery?.keptAs ?? "")).toEqual(kept)
    }
    const writer = log.writable().getWriter()
    await writer.write(new TextEncoder().encode("again"))
    await writer.close()
    await log.close()
    expect((await readOut(layer, "read")).records).toEqual([...RECORDS.slice(0, -1), "again"])
  }
  expect(torn).toBe(whole - before.size - 1)
})

test("bytes that are no frame, after the last frame, are a torn tail", async () => {
  const { files } = await build(RECORDS)
  for (const after of ["?", "BMFR?", "\0\0BMFR?"]) {
    for (const zeros of [0, 1, 5_000]) {
      const layer = new MemoryFileLayer(files)
      const bytes = [Buffer.from(after), new Uint8Array(zeros)]
      layer.files.set(SEGMENT, new Uint8Array(Buffer.concat([fileOf(layer, SEGMENT), ...bytes])))
      const log = await open(layer)
      expect(log.recovery?.byteLength).toBe(after.length)
      expect(layer.files.get(log.recovery?.keptAs ?? "")).toEqual(Uint8Array.from(bytes[0] ?? []))
      await log.close()
      expect(await readOut(layer, "write")).toEqual({ records: RECORDS, error: undefined })
    }
  }
})

test("zeros after the last frame are nothing, and gone once the log was opened", async () => {
  const { files } = await build(RECORDS)
  for (const zeros of [1, 31, 32, 100, 5_000]) {
    const layer = new MemoryFileLayer(files)
    const whole = fileOf(layer, SEGMENT)
    layer.files.set(SEGMENT, Uint8Array.from([...whole, ...new Uint8Array(zeros)]))
    expect(await readOut(layer, "read")).toEqual({ records: RECORDS, error: undefined })
    const log = await open(layer)
    expect(log.recovery).toBeUndefined()
    expect(fileOf(layer, SEGMENT)).toEqual(whole)
    await log.close()
    expect(await readOut(layer, "write")).toEqual({ records: RECORDS, error: undefined })
  }
})

test("tails torn twice at one place are both kept", async () => {
  const { files } = await build(RECORDS)
  const layer = new MemoryFileLayer(files)
  const whole = fileOf(layer, SEGMENT)
  const kept: (string | undefined)[] = []
  for (const byte of [1, 2]) {
    layer.files.set(SEGMENT, Uint8Array.from([...whole, byte]))
    const log = await open(layer)
    kept.push(log.recovery?.keptAs)
    await log.close()
  }
  expect(kept.map((path) => layer.files.get(path ?? ""))).toEqual([
    new Uint8Array([1]),
    new Uint8Array([2]),
  ])
})

test("a last frame that was published and is torn is CORRUPT, and nothing is changed", async () => {
  const { files, before } = await build(RECORDS)
  const whole = files.get(SEGMENT) ?? new Uint8Array()
  for (let length = before.size; length < whole.length; length++) {
    const layer = new MemoryFileLayer(files)
    layer.files.set(SEGMENT, whole.slice(0, length))
    await expect(open(layer)).rejects.toMatchObject({ code: "CORRUPT", offset: RECORDS.length - 1 })
    expect(layer.files.get(SEGMENT)).toEqual(whole.slice(0, length))
    const { records, error } = await readOut(layer, "read")
    expect(records).toEqual(RECORDS.slice(0, -1))
    expect(error).toMatchObject({ code: "CORRUPT", offset: RECORDS.length - 1 })
  }
})

test.each(["", "\n\0\0"])(
  "a bad frame that a valid one follows is CORRUPT, also when no tail was published; it ends with %j",
  async (end) => {
    const { files } = await build(["alpha", "beta", `gamma${end}`])
    const layer = new MemoryFileLayer(files)
    const segment = fileOf(layer, SEGMENT)
    const first = new TextDecoder("latin1").decode(segment).indexOf("beta")
    segment[first] = (segment[first] ?? 0) ^ 1
    layer.files.delete(TAIL)
    await expect(open(layer)).rejects.toMatchObject({ code: "CORRUPT", path: SEGMENT, offset: 1 })
  },
)
