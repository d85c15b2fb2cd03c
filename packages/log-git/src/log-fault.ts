import { LogError, toOffset } from "@bellmouth/log"

/** A part of a log that is not what a log is made of. */
export interface Damage {
  /** The object or ref at fault. */
  readonly path: string
  /** What is wrong with it, as the end of a sentence. */
  readonly reason: string
  /** The first record that can not be read because of it, where that is known. */
  readonly offset?: number
  readonly cause?: unknown
}

export function corrupt({ path, reason, offset, cause }: Damage): LogError {
  const from = offset === undefined ? "" : ` from offset ${offset} on`
  return new LogError(
    "CORRUPT",
    `Cannot read the log${from}: ${path} ${reason}; fetch it from another repository, or restore it from a copy`,
    { path, ...(offset === undefined ? {} : { offset: toOffset(offset) }), cause },
  )
}

export function writeFailed(action: string, path: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new LogError(
    "WRITE_FAILED",
    `Cannot ${action}: ${reason}; nothing more is stored until the log is opened again`,
    { cause, path },
  )
}

export function readOnly(): LogError {
  return new LogError("READ_ONLY", "Cannot write to the log: it was opened for reading")
}
