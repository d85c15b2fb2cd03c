import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { readTail } from "../segments/tail-file.ts"
import type { TailRecord } from "../segments/tail-record.ts"
import { leaveEpoch, takeEpoch } from "./epoch.ts"
import { fenced, holderState, locked, lockText, parseHolder } from "./lock-holder.ts"

const LOCK = "lock"
const TAKEOVER = "lock.takeover"
/** Other openers may come and go between two steps; after so many tries they are in the way. */
const TRIES = 8

/** The right to write to a log, held until it is released, or another takes it. */
export interface WriteLock {
  /** Which writer this is: higher than that of every writer before. */
  readonly epoch: number
  /**
   * Whether every earlier writer is known to have ended. Else one may wake that was stopped, and write
   * on in files that it has open.
   */
  readonly isAlone: boolean
  /**
   * Whether this writer still holds the lock. What was written before this was asked is found by who
   * takes over after; so ask between writing and acknowledging.
   *
   * @throws {LogError} `FENCED` when it does not.
   */
  check(): void | Promise<void>
  /**
   * Does something while nobody can take the lock, so that it is not done after another has it.
   *
   * @throws {LogError} `FENCED` when another has it; `LOCKED` when who takes it does not come to an end.
   */
  during(act: () => Promise<void>): Promise<void>
  /** The tail file tells of the epoch: from here on nobody else takes it, whatever becomes of the lock. */
  told(): Promise<void>
  /** The last thing that a writer does. */
  release(): Promise<void>
}

/** How the lock is to be taken. */
export interface TakeLockOptions {
  /** Takes it also from a holder that lives, or may. */
  readonly takeOver: boolean
}

/**
 * Takes the lock of a log, also from a writer that has died.
 *
 * The lock is a file that names its holder. It is removed by whoever holds the takeover file, so that
 * nobody, stopped between looking and removing, removes that of another.
 *
 * @throws {LogError} `LOCKED` when a writer holds it, or may.
 */
export async function takeWriteLock(
  layer: FileLayer,
  directory: string,
  { takeOver }: TakeLockOptions,
): Promise<WriteLock> {
  const [path, takeover] = [join(directory, LOCK), join(directory, TAKEOVER)]
  let highest = 0
  let dead: number | undefined
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = (await readTail(layer, directory))?.record
    const epoch = await takeEpoch(layer, directory, Math.max(highest, before?.epoch ?? 0) + 1)
    const taken = await takeWith(layer, directory, epoch)
    if (taken !== undefined) {
      const { own, record } = taken
      const isAlone = record !== undefined && (!record.isOpen || record.epoch === dead)
      return { epoch, isAlone, ...holding(layer, directory, own, epoch) }
    }
    const held = await layer.readText(path)
    if (held === undefined) continue
    const state = holderState(held)
    if (state !== "dead" && !takeOver) throw locked(path, held)
    const holder = parseHolder(held)?.epoch ?? 0
    highest = Math.max(highest, holder)
    if ((await removeHeld(layer, directory, held)) && state === "dead") dead = holder
  }
  const inTheWay = (await layer.readText(takeover)) === undefined ? path : takeover
  throw locked(inTheWay, (await layer.readText(inTheWay)) ?? "")
}

/**
 * Looks at the lock after a write, while the disk is at work: who takes over after that finds what was
 * written; who took over before does not, and is not told wrong. The sync has ended, too, when this settles.
 */
export async function checkMeanwhile(
  lock: WriteLock,
  syncing: Promise<void> | undefined,
): Promise<void> {
  // It is told below, once the lock was looked at.
  syncing?.catch(() => {})
  try {
    await lock.check()
  } finally {
    await syncing
  }
}

/** Why a write has failed: who has lost the lock may find its files gone, which is no fault of the storage. */
export async function causeOf(lock: WriteLock, failure: unknown): Promise<unknown> {
  try {
    await lock.check()
    return failure
  } catch (error) {
    return error instanceof LogError ? error : failure
  }
}

/** A lock that was taken, and what the tail file has said then. */
interface Taken {
  readonly own: string
  readonly record: TailRecord | undefined
}

/** Takes the lock with an epoch, which is left when that can not be; undefined when another has the one or the other. */
async function takeWith(
  layer: FileLayer,
  directory: string,
  epoch: number,
): Promise<Taken | undefined> {
  const own = lockText(epoch)
  try {
    if (await layer.claim(join(directory, LOCK), own)) {
      const record = (await readTail(layer, directory))?.record
      if (record === undefined || record.epoch < epoch) return { own, record }
      // Another writer came and went since the tail file was read.
      await giveBack(layer, directory, own)
    }
  } catch (error) {
    await giveBack(layer, directory, own)
    await leaveEpoch(layer, directory, epoch)
    throw error
  }
  await leaveEpoch(layer, directory, epoch)
  return undefined
}

function holding(
  layer: FileLayer,
  directory: string,
  own: string,
  epoch: number,
): Pick<WriteLock, "check" | "during" | "told" | "release"> {
  const [path, takeover] = [join(directory, LOCK), join(directory, TAKEOVER)]
  const judge = (text: string | undefined): void => {
    if (text !== own) throw fenced(path, text)
  }
  return {
    check() {
      const text = layer.readText(path)
      return text instanceof Promise ? text.then(judge) : judge(text)
    },
    async during(act) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const isDone = await withTakeover(layer, directory, async () => {
          judge(await layer.readText(path))
          await act()
          return true
        })
        if (isDone === true) return
        judge(await layer.readText(path))
      }
      throw locked(takeover, (await layer.readText(takeover)) ?? "")
    },
    told: () => leaveEpoch(layer, directory, epoch),
    async release() {
      await giveBack(layer, directory, own)
      await leaveEpoch(layer, directory, epoch)
    },
  }
}

/** Removes the lock of this writer, unless another has it by now. */
async function giveBack(layer: FileLayer, directory: string, own: string): Promise<void> {
  const path = join(directory, LOCK)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if ((await layer.readText(path)) !== own) return
    try {
      if (await removeHeld(layer, directory, own)) return
    } catch {
      // A full disk has no room for one more file.
      break
    }
  }
  // Nor may one that stays at the takeover file keep the lock of who has ended.
  if ((await layer.readText(path)) === own) await layer.remove(path)
}

/** Removes the lock of a holder that is to hold it no more; tells whether it did. */
async function removeHeld(layer: FileLayer, directory: string, held: string): Promise<boolean> {
  const isDone = await withTakeover(layer, directory, async () => {
    const path = join(directory, LOCK)
    if ((await layer.readText(path)) !== held) return false
    await layer.remove(path)
    return true
  })
  return isDone === true
}

/** Does something under the takeover file; undefined when another has that. */
async function withTakeover<T>(
  layer: FileLayer,
  directory: string,
  act: () => Promise<T>,
): Promise<T | undefined> {
  const takeover = join(directory, TAKEOVER)
  if (!(await layer.claim(takeover, lockText(0)))) {
    const other = await layer.readText(takeover)
    if (other !== undefined && holderState(other) === "dead") await layer.remove(takeover)
    return undefined
  }
  try {
    return await act()
  } finally {
    await layer.remove(takeover)
  }
}
