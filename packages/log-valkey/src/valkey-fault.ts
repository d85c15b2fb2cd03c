import { LogError, type LogErrorCode, type LogErrorOptions, toOffset } from "@bellmouth/log"
import { replyCode } from "./client/reply.ts"

/** The log is not the one that was opened, or was never one. */
export function notALog(key: string, state: string): LogError {
  return new LogError(
    "NOT_A_LOG",
    `Cannot use ${key} as a log: ${state}; give the name of a log, or of nothing`,
    { path: key },
  )
}

/** Records that were acknowledged are not there. */
export function lost(key: string, known: number, tail: number): LogError {
  return new LogError(
    "CORRUPT",
    `Cannot go on with the log at ${key}: its tail is ${tail}, and was ${known} before; a server that did not have the last records has taken over`,
    { path: key, offset: toOffset(tail) },
  )
}

/** Records below the tail are not there. */
export function missing(key: string, position: number, tail: number): LogError {
  return new LogError(
    "CORRUPT",
    `Cannot read the log at ${key} from offset ${position} on: its tail is ${tail}, and the records are not there; a server that gives up keys when its memory is full must not hold logs`,
    { path: key, offset: toOffset(position) },
  )
}

/** What a request failed with, as a fault of the log. */
export function toFault(code: LogErrorCode, action: string, key: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  const options: LogErrorOptions = { cause, path: key }
  switch (replyCode(cause)) {
    case "WRONGTYPE":
      return notALog(key, "there is something else at it, or at a key beside it")
    case "OOM":
      return new LogError(
        code,
        `Cannot ${action} at ${key}: the memory limit of the server is reached, and nothing was changed; trim logs, or raise maxmemory`,
        options,
      )
    case undefined:
    default: {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return new LogError(code, `Cannot ${action} at ${key}: ${reason}`, options)
    }
  }
}

/** The log can not remember another producer. */
export function tooManyProducers(id: string): LogError {
  return new LogError(
    "TOO_MANY_PRODUCERS",
    `Cannot append as producer ${JSON.stringify(id)}: the log knows 65536 producers already; use ids again, with a later epoch`,
  )
}
