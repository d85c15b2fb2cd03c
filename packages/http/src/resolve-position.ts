import { type Offset, toOffset } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"
import type { LogPosition } from "./log-query.ts"

/** A position as a log's replay takes it; "start" goes on with a log that is trimmed meanwhile. */
export type ReplayStart = Offset | "start"

/** What a log holds at the moment; where it begins and ends at the same offset, nothing. */
export interface LogExtent {
  readonly start: Offset
  readonly tail: Offset
}

/**
 * Turns what a request asks for into a position of this log.
 *
 * @throws {HttpError} `LOG_REPLACED` for an id of another log, `OFFSET_TRIMMED` below `start`,
 * `OFFSET_PAST_TAIL` above `tail`.
 */
export function resolvePosition(
  position: LogPosition,
  log: string,
  extent: LogExtent,
): ReplayStart {
  const { start, tail } = extent
  switch (position.at) {
    case "start":
      return start === tail ? tail : "start"
    case "tail":
      return tail
    case "last":
      // By the tail that the body ends at: until the replay begins, the log may have gone on.
      return toOffset(Math.max(start, tail - position.count))
    case "offset":
      return within(position.offset, extent)
    case "resume":
      if (position.point.log !== log) {
        throw new HttpError(
          "LOG_REPLACED",
          "Cannot resume: the id belongs to another log; this one was created anew, so start over",
        )
      }
      return within(position.point.offset, extent)
    default:
      return position satisfies never
  }
}

function within(offset: Offset, { start, tail }: LogExtent): Offset {
  if (offset < start) throw trimmed()
  if (offset <= tail) return offset
  throw new HttpError(
    "OFFSET_PAST_TAIL",
    `Cannot read from offset ${offset}: the log ends at ${tail}`,
  )
}

/** The fault of a position whose records were given up. */
export function trimmed(options: ErrorOptions = {}): HttpError {
  const message = "Cannot read from there: the log was trimmed, so start over"
  return new HttpError("OFFSET_TRIMMED", message, options)
}
