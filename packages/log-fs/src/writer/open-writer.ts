import { dirname, join, resolve } from "node:path"
import { type Level, LogError } from "@bellmouth/log"
import { isUnfinished } from "../copy/copy-log.ts"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { epochOf } from "../locks/epoch.ts"
import { holderState } from "../locks/lock-holder.ts"
import { takeWriteLock, type WriteLock } from "../locks/write-lock.ts"
import { notALog, UNFINISHED } from "../reader/open-reader.ts"
import { corrupt } from "../segments/log-fault.ts"
import { createLogId, idSeed } from "../segments/log-id.ts"
import { restoreProducers } from "../segments/producer-state.ts"
import { type Recovery, recoverSegment } from "../segments/recover-segment.ts"
import { Retainer, type Retention } from "../segments/retention.ts"
import { readSeal } from "../segments/seal-file.ts"
import {
  createSegment,
  openSegment,
  renewSegment,
  type SegmentFile,
} from "../segments/segment-file.ts"
import { isLogFile, segmentBases } from "../segments/segment-name.ts"
import { markOpen, readTail, TailFile } from "../segments/tail-file.ts"
import type { TailRecord } from "../segments/tail-record.ts"
import { removeTrimmed } from "../segments/trim-segments.ts"
import { FsWriter } from "./fs-writer.ts"
import type { ForkWriter } from "./fs-writer-init.ts"

/** The checked options of a writer. */
export interface OpenWriterInit {
  readonly layer: FileLayer
  readonly directory: string
  readonly level: Level
  readonly segmentBytes: number
  readonly maxBatchBytes: number
  /** Takes the lock also from a writer that lives. */
  readonly takeOver: boolean
  readonly retention: Retention
  /** Gives the time in milliseconds since 1970. */
  readonly now: () => number
  /** How its forks are made. */
  readonly fork: ForkWriter
}

export interface OpenedWriter {
  readonly backend: FsWriter
  readonly recovery: Recovery | undefined
}

/** Takes the lock, and opens the log or makes it. What fails leaves the lock to others. */
export async function openWriter(init: OpenWriterInit): Promise<OpenedWriter> {
  const { layer, directory } = init
  await makeDirectory(layer, directory)
  const foreign = (await layer.list(directory)).filter((name) => !isLogFile(name))
  const lock = await lockUnlessForeign(init, foreign)
  try {
    return await openLocked(init, lock)
  } catch (error) {
    // What another has changed since it has the lock is no fault of the storage.
    const reason = (await lossOf(lock)) ?? error
    await lock.release()
    throw reason
  }
}

/** `FENCED`, when the lock is another's by now. */
async function lossOf(lock: WriteLock): Promise<LogError | undefined> {
  try {
    await lock.check()
  } catch (error) {
    if (error instanceof LogError) return error
  }
  return undefined
}

/** Opens the log in a directory whose lock is held, or makes it. */
export async function openLocked(init: OpenWriterInit, lock: WriteLock): Promise<OpenedWriter> {
  const { layer, directory } = init
  const record = (await readTail(layer, directory))?.record
  await removeLeft(layer, directory, lock.epoch, record?.epoch ?? 0)
  const names = await layer.list(directory)
  if (isUnfinished(names)) throw notALog(directory, UNFINISHED)
  const bases = segmentBases(names)
  if (record !== undefined) {
    const { sequence } = record
    const { epoch } = lock
    await markOpen(layer, directory, { ...record, sequence: sequence + 1, isOpen: true, epoch })
  }
  if (bases.length === 0 && record !== undefined && record.tail > 0) {
    const reason = `its segments are missing, and records up to offset ${record.tail} were acknowledged`
    throw corrupt({ path: directory, position: 0, reason, offset: record.start })
  }
  const last = bases.at(-1)
  const segment =
    last === undefined
      ? await makeFirst(init, lock)
      : await openSegment(layer, directory, last, "write")
  const held: Held = [segment.file]
  try {
    // From here on it is known to be this writer's to change, or another's that takes over later.
    await lock.check()
    if (last !== undefined) return await openOn(init, lock, segment, bases, record, held)
    // Nobody else has a segment open that was made here.
    return await openOn(init, { ...lock, isAlone: true }, segment, [0], record, held)
  } catch (error) {
    // Why the log can not be opened is told, and not what may fail on the way out.
    for (const file of held) await file.close().catch(() => {})
    throw error
  }
}

/** What is open, and has to be closed when the log can not be opened. */
type Held = { close(): Promise<void> }[]

async function openOn(
  init: OpenWriterInit,
  lock: WriteLock,
  segment: SegmentFile,
  bases: readonly number[],
  record: TailRecord | undefined,
  held: Held,
): Promise<OpenedWriter> {
  const { layer, directory } = init
  const { id } = segment.header
  const seed = idSeed(id)
  const known = record !== undefined && Buffer.compare(record.id, id) === 0 ? record : undefined
  if (record !== undefined && known === undefined && bases.length > 0 && record.tail > 0) {
    const reason = "it belongs to another log than the tail file does"
    throw corrupt({ path: segment.path, position: 0, reason, offset: segment.header.base })
  }
  const start = known?.start ?? 0
  const [first = 0] = bases
  if (first > start) {
    const reason = `its segments begin with offset ${first}, and ${start} should be there`
    throw corrupt({ path: directory, position: 0, reason, offset: start })
  }
  const producers = await restoreProducers(layer, directory, bases, seed)
  const end = await readSeal(layer, directory, seed)
  const synced = Math.max(known?.synced ?? 0, end ?? 0)
  const recovered = await recoverSegment(layer, directory, segment, synced, seed, producers)
  const { next, index, recovery } = recovered
  const active = await ownSegment(layer, directory, segment, lock, next.position)
  held.push(active.file)
  // What was read back may be in the page cache alone; from here on it is served and built upon.
  await active.file.syncData()
  const kept = [...bases]
  // A writer that died while it trimmed has left some.
  await removeTrimmed(layer, directory, kept, start)
  const tail = next.offset
  if (end !== undefined && end !== tail) {
    const reason = `its records end with offset ${tail}, and the log was sealed at ${end}`
    throw corrupt({ path: active.path, position: next.position, reason, offset: end })
  }
  const sequence = (known?.sequence ?? 0) + 2
  const { epoch } = lock
  const opened = { id, sequence, tail, synced: tail, start, level: init.level, isOpen: true, epoch }
  await lock.check()
  const tailFile = await TailFile.create(layer, directory, opened)
  held.push(tailFile)
  await lock.check()
  await lock.told()
  const backend = new FsWriter({
    ...init,
    id,
    seed,
    lock,
    tailFile,
    retainer: new Retainer(init.retention, init.now),
    bases: kept,
    active: {
      ...active,
      index,
      position: next.position,
      filled: next.position,
      previous: next.previous ?? 0,
    },
    tail,
    producers,
    isSealed: end !== undefined,
  })
  if (!lock.isAlone) await backend.begin()
  return { backend, recovery }
}

async function makeFirst(
  { layer, directory, level }: OpenWriterInit,
  lock: WriteLock,
): Promise<SegmentFile> {
  const id = createLogId()
  const none = { sequence: 0, tail: 0, synced: 0, start: 0 }
  const empty = { id, ...none, level, isOpen: true, epoch: lock.epoch }
  // The tail file comes first: segments without one are a log that has lost it. It is of another log than
  // that which a successor may have made by now, whose readers would take theirs for replaced.
  await (await TailFile.create(layer, directory, empty, lock)).close()
  return createSegment(layer, directory, { id, base: 0, previous: 0 })
}

/** A writer that is not known to have ended may have the segment open, and write on in it. */
async function ownSegment(
  layer: FileLayer,
  directory: string,
  segment: SegmentFile,
  lock: WriteLock,
  byteLength: number,
): Promise<SegmentFile> {
  if (lock.isAlone) return segment
  await lock.check()
  return renewSegment(layer, directory, segment, byteLength, lock)
}

export async function makeDirectory(layer: FileLayer, directory: string): Promise<void> {
  try {
    await layer.makeDirectory(directory)
  } catch (error) {
    if (isCode(error, "EEXIST") || isCode(error, "ENOTDIR"))
      throw notALog(directory, "it is a file")
    throw error
  }
  await layer.syncDirectory(dirname(resolve(directory)))
}

/** A directory of other files gets no lock: it is left as it was found. */
async function lockUnlessForeign(
  { layer, directory, takeOver }: OpenWriterInit,
  foreign: readonly string[],
): Promise<WriteLock> {
  const isLog = segmentBases(await layer.list(directory)).length > 0
  if (foreign.length > 0 && !isLog) {
    const some = foreign.slice(0, 3).join(", ")
    throw notALog(
      directory,
      `it holds other files (${some}${foreign.length > 3 ? ", ..." : ""}) and no log`,
    )
  }
  return takeWriteLock(layer, directory, { takeOver })
}

/**
 * Removes what writers that died were about to give a name, and the files of epochs that the tail file tells. Locks in
 * the making may belong to the living, and what has a later epoch belongs to who has taken over meanwhile.
 */
async function removeLeft(
  layer: FileLayer,
  directory: string,
  own: number,
  told: number,
): Promise<void> {
  for (const name of await layer.list(directory)) {
    const path = join(directory, name)
    const epoch = epochOf(name)
    if (epoch !== undefined && epoch <= told) await layer.remove(path)
    if (!isLogFile(name) || !name.endsWith(".tmp")) continue
    if (name.startsWith("lock.")) {
      const maker = await layer.readText(path)
      if (maker === undefined || holderState(maker) !== "dead") continue
    } else if (Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? 0) > own) {
      continue
    }
    await layer.remove(path)
  }
}
