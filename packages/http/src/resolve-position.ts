import type { Offset } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"
import type { LogPosition } from "./log-query.ts"

/** A position as a log's replay takes it. */
export type ReplayStart = Offset | "start" | { readonly last: number }

/** What a log holds at the moment; where it begins and ends at the same offset, nothing. */
export interface LogExtent {
  readonly start: Offset
  readonly tail: Offset
}

/**
 * Turns what a request asks for into a position of this log.
 *
 * @throws {HttpError} `LOG_REPLACED` for an id of another log, `OFFSET_PAST_TAIL` above `tail`.
 */
export function resolvePosition(
  position: LogPosition,
  log: string,
  { start, tail }: LogExtent,
): ReplayStart {
  switch (position.at) {
    case "start":
      return start === tail ? tail : "start"
    case "tail":
      return tail
    case "last":
      return start === tail ? tail : { last: position.count }
    case "offset":
      return notPast(position.offset, tail)
    case "resume":
      if (position.point.log !== log) {
        throw new HttpError(
          "LOG_REPLACED",
          "Cannot resume: the id belongs to another log; this one was created anew, so start over",
        )
      }
      return notPast(position.point.offset, tail)
    default:
      return position satisfies never
  }
}

function notPast(offset: Offset, tail: Offset): Offset {
  if (offset <= tail) return offset
  throw new HttpError(
    "OFFSET_PAST_TAIL",
    `Cannot read from offset ${offset}: the log ends at ${tail}`,
  )
}
