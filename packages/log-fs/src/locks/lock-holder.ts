import { LogError } from "@bellmouth/log"
import { liveness, ownIdentity, type ProcessIdentity } from "./process-identity.ts"

/** Below this an epoch fits into the tail file. */
const MAX_EPOCH = 2 ** 48

/** Who holds a lock, as its file says. */
export interface LockHolder extends ProcessIdentity {
  /** Which writer of the log it is; 0 for who only clears the way. */
  readonly epoch: number
}

/** The text of a lock of this process. No two are equal, so that each knows its own. */
export function lockText(epoch: number): string {
  return JSON.stringify({ ...ownIdentity(), epoch, nonce: crypto.randomUUID() })
}

/** Gives undefined when the text is none that a log has written. */
export function parseHolder(text: string): LockHolder | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not a lock that a log has made: `locked` tells the user so.
    return undefined
  }
  if (typeof value !== "object" || value === null) return undefined
  const none = { pid: 0, started: "", boot: "", host: "", space: "", epoch: 0 }
  const { pid, started, boot, host, space, epoch } = { ...none, ...value }
  const texts = [started, boot, host, space]
  const isNumber = Number.isInteger(pid) && pid >= 1 && Number.isInteger(epoch)
  if (!isNumber || epoch < 0 || epoch >= MAX_EPOCH) return undefined
  if (texts.some((text) => typeof text !== "string")) return undefined
  return { pid, started, boot, host, space, epoch }
}

export function holderState(text: string): "alive" | "dead" | "unknown" {
  const holder = parseHolder(text)
  return holder === undefined ? "unknown" : liveness(holder)
}

/** What an opener ends with that can not have the lock. */
export function locked(path: string, text: string): LogError {
  const holder = parseHolder(text)
  const who = holder === undefined ? "someone unknown" : `process ${holder.pid} on ${holder.host}`
  const what =
    holderState(text) === "unknown"
      ? `whether it still runs can not be told from here; if no writer runs, remove ${path}`
      : "close it there, or open the log for reading"
  return new LogError("LOCKED", `Cannot open the log for writing: ${who} holds ${path}; ${what}`, {
    path,
  })
}

/** What a writer ends with that has lost the lock. */
export function fenced(path: string, text: string | undefined): LogError {
  const holder = text === undefined ? undefined : parseHolder(text)
  const who =
    holder === undefined
      ? `${path} is gone`
      : `the writer of epoch ${holder.epoch}, process ${holder.pid} on ${holder.host}, has taken over`
  return new LogError(
    "FENCED",
    `Cannot write to the log any more: ${who}; nothing is acknowledged; close this log, and open it again`,
    { path, ...(holder === undefined ? {} : { epoch: holder.epoch }) },
  )
}
