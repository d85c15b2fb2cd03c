import { readFileSync } from "node:fs"
import type { Producer } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { decodeSegmentHeader, encodeSegmentHeader } from "./segments/segment-header.ts"
import { tailFileOf } from "./segments/tail-file.ts"
import { decodeTailFile, encodeTailRecord, tailPosition } from "./segments/tail-record.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"

const SEGMENT = "/log/00000000000000000000.log"

interface VectorFile<V> {
  readonly id: string
  readonly vectors: readonly (V & { readonly id: string; readonly name: string })[]
}

function load<V>(name: string): VectorFile<V> {
  const url = new URL(`../../../test/vectors/log/${name}.json`, import.meta.url)
  const file: VectorFile<V> = JSON.parse(readFileSync(url, "utf8"))
  expect(file.vectors.length).toBeGreaterThan(4)
  return file
}

const toBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
const toHex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex")

/** The files of a log with one segment, and a tail file that says what is on disk. */
function files(segmentHex: string, id: string, synced: number): MemoryFileLayer {
  const place = { id: toBytes(id), sequence: 1, tail: synced, synced, start: 0 }
  const record = { ...place, level: "disk", isOpen: false, epoch: 0 } as const
  return new MemoryFileLayer([
    [SEGMENT, toBytes(segmentHex)],
    ["/log/tail", tailFileOf(record)],
  ])
}

interface SegmentVector {
  readonly commits: string[][][]
  readonly segmentHex: string
  readonly tail: number
  readonly producer?: Producer
}
const segments = load<SegmentVector>("segments")
for (const { id, name, commits, segmentHex, tail, producer } of segments.vectors) {
  test(`segment ${id}, written: ${name}`, async () => {
    const fileLayer = files(segmentHex.slice(0, 128), segments.id, 0)
    const log = await openFsLog("/log", { fileLayer })
    for (const batches of commits) {
      const writer = log.writable(producer === undefined ? {} : { producer }).getWriter()
      for (const batch of batches) void writer.write(batch.map(toBytes))
      await writer.close()
    }
    expect(await log.tail()).toBe(tail)
    const open = toHex(fileLayer.files.get(SEGMENT))
    expect(open.length).toBeGreaterThan(segmentHex.length)
    expect(open).toBe(segmentHex.padEnd(open.length, "0"))
    await log.close()
    expect(toHex(fileLayer.files.get(SEGMENT))).toBe(segmentHex)
  })

  test(`segment ${id}, read: ${name}`, async () => {
    const fileLayer = files(segmentHex, segments.id, tail)
    await using log = await openFsLog("/log", { fileLayer, mode: "read" })
    const read = (await Array.fromAsync(log.replay())).map(({ data }) => toHex(data))
    expect(read).toEqual(commits.flat(2))
  })
}

interface HeaderVector {
  readonly hex: string
  readonly base?: number
  readonly previous?: number
  readonly createdMs?: number
  readonly lost?: number
  readonly error?: string
}
const headers = load<HeaderVector>("headers")
for (const { id, name, hex, base, previous, createdMs = 0, lost = 0, error } of headers.vectors) {
  test(`segment header ${id}: ${name}`, async () => {
    if (base !== undefined && previous !== undefined) {
      const header = { id: toBytes(headers.id), base, previous, createdMs, lost }
      expect(toHex(encodeSegmentHeader(header))).toBe(hex)
      expect(decodeSegmentHeader(toBytes(hex))).toEqual({ type: "header", header })
    } else {
      const fileLayer = new MemoryFileLayer([[SEGMENT, toBytes(hex)]])
      await expect(openFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: error })
    }
  })
}

interface TailVector {
  readonly hex: string
  readonly tail: number | null
  readonly synced?: number
  readonly start?: number
  readonly isAnchor?: boolean
  readonly level?: string
  readonly isOpen?: boolean
  readonly epoch?: number
}
const tails = load<TailVector>("tails")
for (const { id, name, hex, tail, synced, start = 0, isAnchor, ...writer } of tails.vectors) {
  test(`tail file ${id}: ${name}`, () => {
    const record = decodeTailFile(toBytes(hex))
    if (tail === null) return expect(record).toBeUndefined()
    const { level = "disk", isOpen = false, epoch = 0 } = writer
    const wanted = { id: toBytes(tails.id), tail, synced, start, level, isOpen, epoch }
    expect(record).toMatchObject(wanted)
    if (record === undefined) return
    const position = tailPosition(record.sequence, isAnchor === true ? "anchor" : "published")
    const bytes = encodeTailRecord(record)
    expect(hex.slice(position * 2, (position + bytes.length) * 2)).toBe(toHex(bytes))
  })
}

interface RecoveryVector {
  readonly segmentHex: string
  readonly synced: number
  readonly tail?: number
  readonly cutAt?: number
  readonly error?: string
  readonly offset?: number
}
const recoveries = load<RecoveryVector>("recovery")
for (const vector of recoveries.vectors) {
  const { id, name, segmentHex, synced, tail, cutAt, error, offset } = vector
  test(`recovery ${id}: ${name}`, async () => {
    const fileLayer = files(segmentHex, recoveries.id, synced)
    const opening = openFsLog("/log", { fileLayer })
    if (error !== undefined) {
      await expect(opening).rejects.toMatchObject({ code: error, offset })
      expect(toHex(fileLayer.files.get(SEGMENT))).toBe(segmentHex)
      return
    }
    const log = await opening
    expect(await log.tail()).toBe(tail)
    expect(log.recovery?.position).toBe(cutAt)
    const kept = toHex(fileLayer.files.get(log.recovery?.keptAs ?? ""))
    const left = toHex(fileLayer.files.get(SEGMENT)) + kept
    expect(left.padEnd(segmentHex.length, "0")).toBe(segmentHex)
    await log.close()
  })
}
