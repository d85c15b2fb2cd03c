import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { ROOT } from "./source-tree.ts"

const RETRY_MS = 200

/**
 * Does some work while no other process of this project does the work of the same name: others wait
 * until it is done. A lock that a dead process left is taken over.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(join(ROOT, ".cache"), { recursive: true })
  const file = join(ROOT, ".cache", `${name}.lock`)
  while (!tryLock(file)) {
    if (!isAlive(readOwner(file))) rmSync(file, { force: true })
    else await sleep(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function tryLock(file: string): boolean {
  // A link appears with its content, so that no lock is ever without an owner.
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** The process that holds a lock; this one when it was just released. */
function readOwner(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"))
  } catch {
    // It was released in the meantime: the next try will tell.
    return process.pid
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
