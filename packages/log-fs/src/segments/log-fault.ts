import { LogError, toOffset } from "@bellmouth/log"

/** A part of a file that does not hold what was written. */
export interface Damage {
  readonly path: string
  readonly position: number
  /** What is wrong there, as the end of a sentence. */
  readonly reason: string
  /** The offset of the first record that can not be read. */
  readonly offset: number
}

export function corrupt(damage: Damage): LogError {
  const { path, position, reason, offset } = damage
  return new LogError(
    "CORRUPT",
    `Cannot read the log from offset ${offset} on: ${path} is damaged at byte ${position}, ${reason}; ` +
      "what is before stays readable; restore the file from a copy, or repair the log",
    { path, position, offset: toOffset(offset) },
  )
}

/** What a replay ends with at records that a repair has given up. */
export function lost(from: number, until: number): LogError {
  return new LogError(
    "OFFSET_LOST",
    `Cannot replay the records from offset ${from} to ${until - 1}: they were lost to damage, as a repair of the log has found; ` +
      `go on from offset ${until}, or trim the log there`,
    { offset: toOffset(until) },
  )
}

export function writeFailed(action: string, path: string, cause: unknown): LogError {
  // That another writer has taken over is no fault of the storage.
  if (cause instanceof LogError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new LogError(
    "WRITE_FAILED",
    `Cannot ${action}: ${reason}; nothing more is stored until the log is opened again`,
    { cause, path },
  )
}
