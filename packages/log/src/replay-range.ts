import type { ReplayOptions } from "./log.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"

/** What a replay covers, once the tail is known. */
export interface ReplayRange {
  readonly from: Offset
  /** The offset to end before; Infinity when the replay follows without an end. */
  readonly until: number
}

/** @throws {RangeError} when a number is not one that its option can have. */
export function checkReplayOptions(options: ReplayOptions): void {
  const { from, until, limit } = options
  const last = typeof from === "object" ? from.last : undefined
  const numbers = { from: typeof from === "number" ? from : undefined, last, until, limit }
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
      throw new RangeError(`Cannot replay with ${name} ${value}: want a whole number from 0 on`)
    }
  }
  if (typeof from === "string" && from !== "start" && from !== "tail") {
    throw new RangeError(
      `Cannot replay from ${JSON.stringify(from)}: want an offset, "start", "tail" or { last }`,
    )
  }
}

/**
 * @throws {LogError} `OFFSET_OUT_OF_RANGE` when `from` is past the tail, `OFFSET_TRIMMED` when it is
 *   before the start.
 */
export function toReplayRange(options: ReplayOptions, start: Offset, tail: Offset): ReplayRange {
  const from = toFrom(options.from ?? "start", start, tail)
  if (from < start) throw trimmed("replay from", from, start)
  if (from > tail) {
    throw new LogError(
      "OFFSET_OUT_OF_RANGE",
      `Cannot replay from offset ${from}: the log's tail is ${tail}; read from the tail or before`,
      { offset: from },
    )
  }
  const { until = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = options
  const end = options.follow === true ? Number.POSITIVE_INFINITY : tail
  return { from, until: Math.min(until, from + limit, end) }
}

/** What is said to who wants a record that was trimmed. */
export function trimmed(action: string, wanted: number, start: Offset): LogError {
  return new LogError(
    "OFFSET_TRIMMED",
    `Cannot ${action} offset ${wanted}: the log was trimmed, and begins at ${start}; go there or later`,
    { offset: start },
  )
}

function toFrom(from: NonNullable<ReplayOptions["from"]>, start: Offset, tail: Offset): Offset {
  if (from === "start") return start
  if (from === "tail") return tail
  return typeof from === "number" ? from : toOffset(Math.max(start, tail - from.last))
}
