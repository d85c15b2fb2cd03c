import { LogError } from "@bellmouth/log"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import type { LogFs } from "./planted-fault.ts"

type Open = LogFs["openFsLog"]
type Files = ReadonlyMap<string, Uint8Array>

/** A log whose files were damaged, and how it may then be. */
export interface DamageCase {
  readonly where: string
  readonly files: Files
  readonly mode: "read" | "write"
  /** `told`: it has to say so; `right`: else all is there; `behind`: a reader may see less;
   * `locked`: or it is not opened. */
  readonly wants: "told" | "right" | "behind" | "locked"
}

export interface DamageCounts {
  cases: number
  told: number
  harmless: number
  readonly failures: string[]
}

const SEGMENT = "/log/00000000000000000000.log"
const FIRST_BYTES = 64
const BATCHES = 18
const BATCH = 4
/** The segment of the first 16 batches, 64 records, is full then. */
const SEGMENT_BYTES = 1_700

const textsOf = (batch: number, name: string): string[] =>
  Array.from({ length: BATCH }, (_, part) => `${name}${batch}/${part}`)

const wanted = Array.from({ length: BATCHES }, (_, batch) => textsOf(batch, "b")).flat()

/** The lock that a killed writer has left with some files: who goes on with them knows that it is dead. */
const deadLocks = new WeakMap<Files, Uint8Array>()

/** Appends batches; gives the files as a writer leaves them that was killed. */
async function build(
  open: Open,
  name: string,
  batches: readonly [number, number],
  files?: Files,
): Promise<Files> {
  const fileLayer = new MemoryFileLayer(files)
  const held = files === undefined ? undefined : deadLocks.get(files)
  if (held !== undefined) fileLayer.files.set("/log/lock", held)
  const log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  const [from, until] = batches
  for (let batch = from; batch < until; batch++) {
    const { readable, writable } = log.append({
      producer: { id: "p", epoch: 0, sequence: batch },
    })
    const [writer, reader] = [writable.getWriter(), readable.getReader()]
    const texts = textsOf(batch, name)
    writer.write(texts.map((text) => new TextEncoder().encode(text))).catch(() => {})
    await reader.read()
    await writer.close()
  }
  const lock = new TextDecoder().decode(fileLayer.files.get("/log/lock"))
  fileLayer.files.delete("/log/lock")
  const left = new MemoryFileLayer(fileLayer.files).files
  const dead = lock.replace(/"boot":"[^"]*"/, '"boot":"before"')
  deadLocks.set(left, new TextEncoder().encode(dead))
  return left
}

/** Every bit of the lock of a writer that has died: nobody loses a record by it. */
export async function* lockCases(open: Open): AsyncGenerator<DamageCase> {
  const fileLayer = new MemoryFileLayer()
  const files = await build(open, "b", [0, BATCHES])
  await open("/other", { fileLayer })
  const own = new TextDecoder().decode(fileLayer.files.get("/other/lock"))
  const dead = new TextEncoder().encode(own.replace(/"boot":"[^"]*"/, '"boot":"before"'))
  const locked = new Map([...files, ["/log/lock", dead]])
  yield { where: "the lock as it was", files: locked, mode: "write", wants: "right" }
  for (let bit = 0; bit < dead.length * 8; bit++) {
    const where = `bit ${bit} of the lock`
    yield { where, files: flip(locked, "/log/lock", bit), mode: "write", wants: "locked" }
  }
}

/** Every `stride`th bit of every file flipped, and what a disk does that mistakes its places. */
export async function* damageCases(open: Open, stride: number): AsyncGenerator<DamageCase> {
  const files = await build(open, "b", [0, BATCHES])
  for (const [path, bytes] of files) {
    for (let bit = 0; bit < bytes.length * 8; bit += stride) {
      // Between the records of the tail file lies nothing.
      if (path.endsWith("/tail") && (bit >> 3) % 512 >= 64) continue
      for (const mode of ["read", "write"] as const) {
        const wants = path.endsWith("/tail") && mode === "read" ? "behind" : "right"
        yield {
          where: `${mode}: bit ${bit} of ${path}`,
          files: flip(files, path, bit),
          mode,
          wants,
        }
      }
    }
  }
  yield* misdirected(open, files)
  yield* behindTail(open, stride)
}

async function* misdirected(open: Open, files: Files): AsyncGenerator<DamageCase> {
  const segment = files.get(SEGMENT) ?? new Uint8Array()
  const frames = framesOf(segment)
  const foreign = (await build(open, "f", [0, BATCHES])).get(SEGMENT) ?? new Uint8Array()
  const other = framesOf(foreign)
  for (const [to, { at, end }] of frames.entries()) {
    for (const [from, source] of frames.entries()) {
      if (from === to) continue
      const bytes = segment.subarray(source.at, source.end)
      yield told(`frame ${from} at the place of frame ${to}`, files, replaced(segment, bytes, at))
    }
    const there = other[to]
    if (there === undefined) continue
    const bytes = foreign.subarray(there.at, there.end)
    yield told(`frame ${to} of another log`, files, replaced(segment, bytes, at))
    const zeros = new Uint8Array(end - at)
    yield told(`zeros at the place of frame ${to}`, files, replaced(segment, zeros, at))
  }
  const all = replaced(foreign, segment.subarray(0, FIRST_BYTES), 0)
  yield told("all frames of another log", files, all)
  for (const last of [4, 9, 14]) {
    const before = await build(open, "b", [0, last])
    const stale = (await build(open, "x", [last, last + 1], before)).get(SEGMENT)
    const { at, end } = frames[last] ?? { at: 0, end: 0 }
    const again = await build(open, "b", [last, BATCHES], before)
    const bytes = stale?.subarray(at, end) ?? new Uint8Array()
    const changed = replaced(again.get(SEGMENT) ?? new Uint8Array(), bytes, at)
    yield told(`frame ${last} as it was before another was acknowledged`, again, changed)
  }
}

/** The tail file as a power cut may bring it back: frames after it are still acknowledged. */
async function* behindTail(open: Open, stride: number): AsyncGenerator<DamageCase> {
  const before = await build(open, "b", [0, BATCHES - 2])
  const files = await build(open, "b", [BATCHES - 2, BATCHES], before)
  const old = new Map([...files, ["/log/tail", before.get("/log/tail") ?? new Uint8Array()]])
  const segments = [...files.keys()].filter((path) => path.endsWith(".log"))
  const last = segments.sort().at(-1) ?? ""
  const first = framesOf(files.get(last) ?? new Uint8Array())[0]
  for (let bit = (first?.at ?? 0) * 8; bit < (first?.end ?? 0) * 8; bit += stride) {
    const where = `behind the tail: bit ${bit} of ${last}`
    yield { where, files: flip(old, last, bit), mode: "write", wants: "told" }
  }
}

/** Whether a damaged log says so, or is as it should be. */
export async function judgeDamage(
  open: Open,
  { where, files, mode, wants }: DamageCase,
  counts: DamageCounts,
): Promise<void> {
  const served: string[] = []
  let error: unknown
  try {
    const fileLayer = new MemoryFileLayer(files)
    await using log = await open("/log", { fileLayer, mode, segmentBytes: SEGMENT_BYTES })
    for await (const { data } of log.replay()) served.push(new TextDecoder().decode(data))
  } catch (cause) {
    error = cause
  }
  counts.cases++
  const isTold = error instanceof LogError && error.code === "CORRUPT"
  // That a later frame does not follow from a stale one is told, once it is read.
  const isPrefix = served.every((text, offset) => text === wanted[offset])
  const isWhole = error === undefined && served.length === wanted.length && isPrefix
  if (isTold) counts.told++
  else if (isWhole) counts.harmless++
  const isLocked = error instanceof LogError && error.code === "LOCKED"
  if (wants === "locked" && isLocked) {
    counts.told++
    return
  }
  const isBehind = wants === "behind" && error === undefined && isPrefix
  const isRight = isTold
    ? isPrefix || where.includes("before another")
    : isWhole && wants !== "told"
  if (isRight || isBehind) return
  counts.failures.push(`${where}: ${String(error)}, ${served.length} records, ${isPrefix}`)
}

function told(where: string, files: Files, segment: Uint8Array): DamageCase {
  return { where, files: new Map([...files, [SEGMENT, segment]]), mode: "write", wants: "told" }
}

function flip(files: Files, path: string, bit: number): Files {
  const bytes = (files.get(path) ?? new Uint8Array()).slice()
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return new Map([...files, [path, bytes]])
}

function replaced(bytes: Uint8Array, part: Uint8Array, at: number): Uint8Array {
  const result = bytes.slice()
  result.set(part.subarray(0, bytes.length - at), at)
  return result
}

function framesOf(segment: Uint8Array): { readonly at: number; readonly end: number }[] {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.length)
  const frames: { at: number; end: number }[] = []
  // Up to the zeros after the last.
  for (let at = FIRST_BYTES; at + 12 <= segment.length && view.getUint32(at) !== 0; ) {
    const end = at + view.getUint32(at + 8)
    frames.push({ at, end })
    at = end
  }
  return frames
}
