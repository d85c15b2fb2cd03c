import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  liveness,
  ownIdentity,
  type ProcessIdentity,
} from "../packages/log-fs/src/locks/process-identity.ts"
import { ROOT } from "./source-tree.ts"

const RETRY_MS = 200

/**
 * Does some work while no other process of this project does the work of the same name: others wait
 * until it is done. A lock that a dead process left is taken over, also when another has its number
 * by now.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(join(ROOT, ".cache"), { recursive: true })
  const file = join(ROOT, ".cache", `${name}.lock`)
  while (!claim(file)) {
    if (isHeld(file) || !removeDead(file)) await sleep(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function claim(file: string): boolean {
  // A link appears with its content, so that no lock is ever without an owner.
  const draft = `${file}.${crypto.randomUUID()}`
  writeFileSync(draft, JSON.stringify(ownIdentity()))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** One process at a time: else one that was slow would remove the lock of another that took it over. */
function removeDead(file: string): boolean {
  const takeover = `${file}.takeover`
  if (!claim(takeover)) {
    // Who died here was between two calls: that two others meet over it as well, nothing is done about.
    if (!isHeld(takeover)) rmSync(takeover, { force: true })
    return false
  }
  try {
    if (!isHeld(file)) rmSync(file, { force: true })
  } finally {
    rmSync(takeover, { force: true })
  }
  return true
}

/** Whether a process that lives holds it; not when it was just released. */
function isHeld(file: string): boolean {
  try {
    const nobody: ProcessIdentity = { pid: 0, started: "", boot: "", host: "", space: "" }
    const owner: Partial<ProcessIdentity> = JSON.parse(readFileSync(file, "utf8"))
    return liveness({ ...nobody, ...owner }) === "alive"
  } catch {
    // It is gone, or none that was written here: the next try will tell.
    return false
  }
}
