import { join } from "node:path"
import { type Level, LogError } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { createLogId, idSeed } from "../segments/log-id.ts"
import { encodeProducerState, restoreProducers } from "../segments/producer-state.ts"
import { createDurably } from "../segments/segment-file.ts"
import { writeIndex } from "../segments/segment-index.ts"
import { isLogFile, stateName } from "../segments/segment-name.ts"
import { TailFile } from "../segments/tail-file.ts"
import { type CopySide, copySegment } from "./copy-segment.ts"

/** There as long as a copy is not whole: what has it is no log. */
const MARK = "forking"
const DRAFT = `${MARK}.tmp`

/** What is copied: the log that a writer has open. */
export interface CopyOrigin {
  readonly layer: FileLayer
  readonly directory: string
  readonly id: Uint8Array
  readonly seed: number
  /** The bases of its segments, in order. */
  readonly bases: readonly number[]
  /** The offset of the first record that is kept. */
  readonly start: number
  readonly level: Level
}

/** Whether the files of a directory are a copy that is not whole. */
export function isUnfinished(names: readonly string[]): boolean {
  return names.includes(MARK)
}

/**
 * Makes sure that a log can be made in a directory: that it is empty, or holds a copy that was never
 * finished. Locks do not count.
 *
 * @throws {LogError} `EXISTS`.
 */
export async function checkFree(layer: FileLayer, directory: string): Promise<void> {
  const names = (await layer.list(directory)).filter((name) => !isLock(name) && name !== DRAFT)
  if (names.length === 0 || isUnfinished(names)) return
  throw new LogError(
    "EXISTS",
    `Cannot fork the log to ${directory}: there is ${names[0]} in it; give a new or empty directory`,
    { path: directory },
  )
}

/**
 * Copies the records before `at` to a directory that is free, and whose lock is held, as a log of its own.
 * After a crash the copy is whole, or no log.
 */
export async function copyLog(origin: CopyOrigin, at: number, directory: string): Promise<void> {
  const { layer, start, level } = origin
  await createDurably(layer, directory, MARK, new TextEncoder().encode(`at ${at}\n`))
  await removeLeftovers(layer, directory)
  const id = createLogId()
  const to = { directory, id, seed: idSeed(id) }
  await copySegments(origin, at, to)
  // Making the tail file syncs the names of the segments as well.
  const record = { id, sequence: 1, tail: at, synced: at, start, level, isOpen: false, epoch: 0 }
  await (await TailFile.create(layer, directory, record)).close()
  await layer.remove(join(directory, MARK))
  await layer.syncDirectory(directory)
}

async function copySegments(origin: CopyOrigin, at: number, to: CopySide): Promise<void> {
  const { layer, directory, seed } = origin
  const bases = origin.bases.filter((base, index) => index === 0 || base <= at)
  const producers = await restoreProducers(layer, directory, bases.slice(0, 1), seed)
  let previous = 0
  for (const [index, base] of bases.entries()) {
    if (base > 0) {
      const state = encodeProducerState(producers.snapshot(), to.seed)
      await createDurably(layer, to.directory, stateName(base), state)
    }
    const next = origin.bases[index + 1]
    const end = Math.max(base, Math.min(at, next ?? at))
    const part = { layer, from: origin, to, base, end, next }
    const copied = await copySegment({ ...part, previous, producers })
    previous = copied.previous
    if (index < bases.length - 1) await writeIndex(layer, to.directory, base, copied.index, to.seed)
  }
}

/** What a copy has left that was never finished. */
async function removeLeftovers(layer: FileLayer, directory: string): Promise<void> {
  for (const name of await layer.list(directory)) {
    if (isLogFile(name) && !isLock(name) && name !== MARK) await layer.remove(join(directory, name))
  }
  await layer.syncDirectory(directory)
}

function isLock(name: string): boolean {
  return name === "lock" || name.startsWith("lock.")
}
