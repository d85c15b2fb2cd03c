import { renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { mayRun, ownIdentity } from "./process-identity.ts"
import type { RefFile } from "./ref-file.ts"
import { readText, type WriterRegistry } from "./writer-registry.ts"

/** A lock in use is gone after so long, in milliseconds: git holds one for less than a thousandth of it. */
const QUIET_MS = 100
/** So long a dead writer may be the reason for a lock, in milliseconds. */
const DEAD_MS = 10_000
/** How long another opener may take to clear the same lock, in milliseconds. */
const PATIENCE_MS = 5_000

/** A lock of the log's ref that a writer has left when it died. */
export interface RemovedLock {
  readonly path: string
  /** How long it had been there, in milliseconds. */
  readonly ageMs: number
}

/**
 * Removes the lock of a ref when nobody can be using it: a registered writer has died, no other one
 * lives, and the lock does not change. Only one opener at a time does so. A lock without a dead writer
 * belongs to some other git command, and stays.
 */
export async function clearRefLock(
  ref: RefFile,
  registry: WriterRegistry,
): Promise<RemovedLock | undefined> {
  const { dead } = registry.others()
  let removed: RemovedLock | undefined
  if (dead.length > 0 && stateOf(ref.lockPath) !== undefined) {
    removed = await exclusively(join(registry.directory, "clearing"), () => clear(ref, registry))
  }
  for (const path of dead) forget(path, removed !== undefined)
  return removed
}

/**
 * A git process that is ended in the middle of a system call may make the lock after its writer was
 * found dead, so that is remembered for a while.
 */
function forget(path: string, isCleared: boolean): void {
  const changedMs = stateOf(path)?.changedMs ?? 0
  if (isCleared || (path.endsWith(".dead") && Date.now() - changedMs > DEAD_MS)) {
    rmSync(path, { force: true })
  } else if (!path.endsWith(".dead") && stateOf(path) !== undefined) {
    renameSync(path, `${path}.dead`)
  }
}

async function clear(ref: RefFile, registry: WriterRegistry): Promise<RemovedLock | undefined> {
  const path = ref.lockPath
  const before = stateOf(path)
  await setTimeout(QUIET_MS)
  const after = stateOf(path)
  if (before === undefined || after === undefined || before.key !== after.key) return undefined
  if (registry.others().alive.length > 0) return undefined
  rmSync(path)
  return { path, ageMs: Math.max(0, Date.now() - after.changedMs) }
}

async function exclusively<T>(path: string, act: () => Promise<T>): Promise<T | undefined> {
  const end = performance.now() + PATIENCE_MS
  while (!claim(path)) {
    if (performance.now() > end) return undefined
    await setTimeout(QUIET_MS / 5)
  }
  try {
    return await act()
  } finally {
    rmSync(path, { force: true })
  }
}

function claim(path: string): boolean {
  try {
    writeFileSync(path, ownIdentity(), { flag: "wx" })
    return true
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error
    // One that is being written is empty, and may be anyone's.
    const holder = readText(path)
    if (holder !== undefined && !mayRun(holder)) rmSync(path, { force: true })
    return false
  }
}

function stateOf(path: string): { readonly key: string; readonly changedMs: number } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return { key: `${stat.ino} ${stat.ctimeMs}`, changedMs: stat.ctimeMs }
}
