import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import type { FileLayer } from "./file-layer.ts"
import { liveness, ownIdentity, type ProcessIdentity } from "./process-identity.ts"

const LOCK = "lock"
const TAKEOVER = "lock.takeover"
/** Other openers may come and go between two steps; after so many tries they are in the way. */
const TRIES = 8

/** The right to write to a log, held until it is released. */
export interface WriteLock {
  release(): Promise<void>
}

/**
 * Takes the lock of a log, also from a writer that has died.
 *
 * The lock is a file that names its holder. One whose holder is dead is removed by whoever holds
 * the takeover file, so that two openers never remove each other's.
 *
 * @throws {LogError} `LOCKED` when a writer holds it, or may.
 */
export async function takeWriteLock(layer: FileLayer, directory: string): Promise<WriteLock> {
  const path = join(directory, LOCK)
  const own = JSON.stringify({ ...ownIdentity(), nonce: crypto.randomUUID() })
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await layer.claim(path, own)) return { release: () => release(layer, path, own) }
    const held = await layer.readText(path)
    if (held === undefined) continue
    const state = holderState(held)
    if (state !== "dead") throw locked(path, held, state)
    await removeDead(layer, directory, held)
  }
  throw locked(path, (await layer.readText(path)) ?? "", "alive")
}

async function removeDead(layer: FileLayer, directory: string, dead: string): Promise<void> {
  const takeover = join(directory, TAKEOVER)
  const own = JSON.stringify(ownIdentity())
  if (!(await layer.claim(takeover, own))) {
    const other = await layer.readText(takeover)
    if (other !== undefined && holderState(other) === "dead") await layer.remove(takeover)
    return
  }
  try {
    const path = join(directory, LOCK)
    if ((await layer.readText(path)) === dead) await layer.remove(path)
  } finally {
    await layer.remove(takeover)
  }
}

async function release(layer: FileLayer, path: string, own: string): Promise<void> {
  if ((await layer.readText(path)) === own) await layer.remove(path)
}

function holderState(text: string): "alive" | "dead" | "unknown" {
  const holder = parseHolder(text)
  return holder === undefined ? "unknown" : liveness(holder)
}

function parseHolder(text: string): ProcessIdentity | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not a lock that a log has made: `locked` tells the user so.
    return undefined
  }
  if (typeof value !== "object" || value === null) return undefined
  const { pid, started, boot, host, space } = {
    pid: 0,
    started: "",
    boot: "",
    host: "",
    space: "",
    ...value,
  }
  const texts = [started, boot, host, space]
  if (!Number.isInteger(pid) || pid < 1 || texts.some((text) => typeof text !== "string"))
    return undefined
  return { pid, started, boot, host, space }
}

function locked(path: string, text: string, state: "alive" | "unknown"): LogError {
  const holder = parseHolder(text)
  const who = holder === undefined ? "someone unknown" : `process ${holder.pid} on ${holder.host}`
  const what =
    state === "alive"
      ? "close it there, or open the log for reading"
      : `whether it still runs can not be told from here; if no writer runs, remove ${path}`
  return new LogError("LOCKED", `Cannot open the log for writing: ${who} holds ${path}; ${what}`, {
    path,
  })
}
