import { join } from "node:path"
import { LogError, type Offset, toOffset } from "@bellmouth/log"
import { isUnfinished } from "../copy/copy-log.ts"
import type { FileLayer } from "../files/file-layer.ts"
import { nodeFileLayer } from "../files/node-file-layer.ts"
import { readFile } from "../files/read-file.ts"
import { readRange } from "../files/write-all.ts"
import { takeWriteLock, type WriteLock } from "../locks/write-lock.ts"
import { listLog, notALog, UNFINISHED } from "../reader/open-reader.ts"
import { corrupt } from "../segments/log-fault.ts"
import { idSeed, idText, sameId } from "../segments/log-id.ts"
import { encodeProducerState, FORGOTTEN, isForgotten } from "../segments/producer-state.ts"
import { decodeSeal, writeSeal } from "../segments/seal-file.ts"
import { createDurably } from "../segments/segment-file.ts"
import {
  type DecodedSegmentHeader,
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from "../segments/segment-header.ts"
import { segmentBases, segmentName, stateName } from "../segments/segment-name.ts"
import { readTail, TailFile } from "../segments/tail-file.ts"
import type { TailRecord } from "../segments/tail-record.ts"
import { openLocked } from "../writer/open-writer.ts"
import { planSegments, type SegmentsPlan } from "./repair-plan.ts"
import type { RepairDamage, RepairReport } from "./repair-report.ts"
import { keepAside, replaceSegment, writeReport } from "./write-repair.ts"

/** What `repairFsLog` takes. */
export interface RepairOptions {
  /** Whether only to say what would be done. Default false. */
  readonly dryRun?: boolean
  /** The file system. Default that of Node. */
  readonly fileLayer?: FileLayer
}

/** A log as it is found. */
interface Found {
  readonly id: Uint8Array
  readonly record: TailRecord | undefined
  readonly plan: SegmentsPlan
  readonly damages: readonly RepairDamage[]
  readonly isSealed: boolean
}

/**
 * Repairs a log that `verifyFsLog` finds damaged, or that is `CORRUPT` when it is opened: afterwards it
 * opens, takes records, and gives every record that can be proven to be as it was written.
 *
 * Offsets stay, and so do the log's identity and what is known of its producers. Records that are lost leave a
 * hole: a replay that comes to it ends with `OFFSET_LOST`, whose `offset` is where to go on. So no
 * replay leaves records out without saying so, and no offset that was acknowledged is given to another
 * record. `trim` to the end of the hole makes the log begin there. When nothing is left before the hole, the
 * log begins after it.
 *
 * A damaged file is kept as it was, beside the log (`*.broken`), with a report (`repair.json`). It can be
 * stopped anywhere and run again. One segment at a time is held in memory.
 *
 * @throws {LogError} `LOCKED` when a writer has the log open, `NOT_A_LOG`, `UNSUPPORTED_VERSION`, or
 *   `CORRUPT` when no file tells the log's id.
 *
 * @example A flipped bit
 * ```ts
 * import assert from "node:assert/strict"
 * import { openFsLog, repairFsLog } from "@bellmouth/log-fs"
 * import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
 *
 * const fileLayer = new MemoryFileLayer()
 * const log = await openFsLog("/events", { fileLayer })
 * for (const text of ["one", "two", "three"]) {
 *   const writer = log.writable().getWriter()
 *   writer.write(new TextEncoder().encode(text))
 *   await writer.close()
 * }
 * await log.close()
 * const bytes = fileLayer.files.get("/events/00000000000000000000.log")
 * assert(bytes !== undefined)
 * const at = bytes.length - 60
 * bytes[at] = (bytes[at] ?? 0) ^ 1
 *
 * const { lost } = await repairFsLog("/events", { fileLayer })
 * assert.deepEqual(lost, [{ from: 1, until: 2 }])
 * ```
 */
export async function repairFsLog(
  directory: string,
  options: RepairOptions = {},
): Promise<RepairReport> {
  const { dryRun = false, fileLayer: layer = nodeFileLayer } = options
  const names = await listLog(layer, directory)
  const isLog = segmentBases(names).length > 0 || names.includes("tail")
  if (!isLog || isUnfinished(names)) {
    throw notALog(directory, isLog ? UNFINISHED : "there is no log in it")
  }
  if (dryRun) return toReport(await findDamage(layer, directory), "planned", [])
  const lock = await takeWriteLock(layer, directory, { takeOver: false })
  try {
    const found = await findDamage(layer, directory)
    const report = toReport(found, "repaired", [])
    if (report.outcome === "whole") return report
    const keptAs = await repair(layer, directory, found, lock)
    const whole = { ...report, keptAs }
    return { ...whole, keptAs: [...keptAs, await writeReport(layer, directory, whole)] }
  } finally {
    await lock.release()
  }
}

async function findDamage(layer: FileLayer, directory: string): Promise<Found> {
  const names = await listLog(layer, directory)
  const bases = segmentBases(names)
  const damages: RepairDamage[] = []
  const note = (path: string, end: number, offset: number, reason: string): void => {
    damages.push({ path, position: 0, end, offset: toOffset(offset), reason })
  }
  const published = (await readTail(layer, directory))?.record
  const id = await findId(layer, directory, bases, published)
  const record = published !== undefined && sameId(published.id, id) ? published : undefined
  if (record === undefined) {
    note(join(directory, "tail"), 0, 0, "it does not say how far the log goes")
  }
  const seal = names.includes("sealed")
    ? await readFile(layer, join(directory, "sealed"))
    : undefined
  const end = seal === undefined ? undefined : decodeSeal(seal, idSeed(id))
  const synced = Math.max(record?.synced ?? 0, end ?? 0)
  const plan = await planSegments(layer, directory, { id, bases, start: record?.start, synced })
  for (const { path, bad, isSame } of plan.segments) {
    for (const range of bad) damages.push({ ...range, path, offset: toOffset(range.offset) })
    if (isSame || bad.length > 0) continue
    note(path, 0, plan.tail, "what is before it is missing")
  }
  if (plan.last !== undefined || plan.tail < (record?.tail ?? 0)) {
    const reason = `records up to offset ${Math.max(synced, record?.tail ?? 0)} are missing at its end`
    note(directory, 0, plan.tail, reason)
  }
  if (plan.start > (record?.start ?? plan.start)) {
    note(directory, 0, record?.start ?? 0, "its first records are missing")
  }
  const [first = 0] = bases
  if (await isForgotten(layer, directory, bases, idSeed(id))) {
    note(join(directory, stateName(first)), 0, first, FORGOTTEN)
  }
  if (seal !== undefined && end === undefined) {
    note(join(directory, "sealed"), seal.length, plan.tail, "it is no seal of this log")
  }
  return { id, record, plan, damages, isSealed: seal !== undefined }
}

/** That of the tail file, if there is a segment that has it as well, or none that can be read. */
async function findId(
  layer: FileLayer,
  directory: string,
  bases: readonly number[],
  record: TailRecord | undefined,
): Promise<Uint8Array> {
  let first: Uint8Array | undefined
  for (const base of bases) {
    const decoded = await readHeader(layer, join(directory, segmentName(base)))
    if (decoded.type !== "header") continue
    if (record !== undefined && sameId(decoded.header.id, record.id)) return record.id
    first ??= decoded.header.id
  }
  const id = first ?? record?.id
  if (id !== undefined) return id
  const reason = "and no file of the log tells its id, by which every record is checked"
  throw corrupt({ path: directory, position: 0, reason, offset: 0 })
}

async function readHeader(layer: FileLayer, path: string): Promise<DecodedSegmentHeader> {
  const file = await layer.open(path, "read")
  try {
    return decodeSegmentHeader(await readRange(file, 0, SEGMENT_HEADER_BYTES))
  } finally {
    await file.close()
  }
}

/** Keeps what is damaged, puts what can be proven in its place, and opens the result once. */
async function repair(
  layer: FileLayer,
  directory: string,
  { id, record, plan, damages, isSealed }: Found,
  lock: WriteLock,
): Promise<string[]> {
  const seed = idSeed(id)
  const keptAs: string[] = []
  for (const segment of plan.segments) {
    if (segment.isSame) continue
    keptAs.push(await keepAside(layer, directory, segmentName(segment.base)))
    await lock.check()
    await replaceSegment(layer, directory, segment.base, segment.made, seed)
  }
  if (plan.last !== undefined) {
    await replaceSegment(layer, directory, undefined, [plan.last], seed)
  }
  keptAs.push(...(await forget(layer, directory, seed)))
  const { level = "disk", sequence = 0 } = record ?? {}
  const isDamaged = (name: string): boolean =>
    damages.some(({ path }) => path === join(directory, name))
  for (const name of ["tail", "sealed"]) {
    if (isDamaged(name) && (await exists(layer, directory, name))) {
      keptAs.push(await keepAside(layer, directory, name))
    }
  }
  await lock.check()
  const place = { id, sequence: sequence + 1, tail: plan.tail, synced: record?.synced ?? 0 }
  const { start } = plan
  const opened = { ...place, start, level, isOpen: false, epoch: lock.epoch }
  await (await TailFile.create(layer, directory, opened)).close()
  if (isSealed) await writeSeal(layer, directory, plan.tail, seed)
  await openOnce(layer, directory, level === "process" ? "process" : "disk", lock)
  return keptAs
}

/** Goes on without the producers that nothing tells any more; gives the file that did not. */
async function forget(layer: FileLayer, directory: string, seed: number): Promise<string[]> {
  const names = await layer.list(directory)
  const bases = segmentBases(names)
  if (!(await isForgotten(layer, directory, bases, seed))) return []
  const name = stateName(bases[0] ?? 0)
  const kept = names.includes(name) ? [await keepAside(layer, directory, name)] : []
  await createDurably(layer, directory, name, encodeProducerState([], seed))
  return kept
}

/** Cuts a torn tail, brings everything to the disk, and leaves the tail file as a writer does. */
async function openOnce(
  layer: FileLayer,
  directory: string,
  level: "disk" | "process",
  lock: WriteLock,
): Promise<void> {
  const sizes = { segmentBytes: 2 ** 31, maxBatchBytes: 1 }
  const init = {
    layer,
    directory,
    level,
    ...sizes,
    takeOver: false,
    fork: noFork,
    retention: {},
    now: () => 0,
  }
  const { backend } = await openLocked(init, { ...lock, release: async () => {} })
  await backend.close()
}

async function noFork(): Promise<never> {
  throw new LogError("UNSUPPORTED", "Cannot fork the log: it is being repaired")
}

async function exists(layer: FileLayer, directory: string, name: string): Promise<boolean> {
  return (await layer.list(directory)).includes(name)
}

function toReport(
  { id, record, plan, damages }: Found,
  outcome: "planned" | "repaired",
  keptAs: readonly string[],
): RepairReport {
  const lost = plan.lost.map(({ from, until }) => ({
    from: toOffset(from),
    until: toOffset(until),
  }))
  const published: Offset = toOffset(record?.tail ?? 0)
  if (published > plan.tail) lost.push({ from: toOffset(plan.tail), until: published })
  return {
    id: idText(id),
    outcome: damages.length === 0 ? "whole" : outcome,
    damages,
    lost,
    isTailKnown: record !== undefined,
    start: toOffset(plan.start),
    tail: toOffset(plan.tail),
    keptAs,
  }
}
