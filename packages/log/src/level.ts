import type { Level } from "./log.ts"
import { LogError } from "./log-error.ts"

const LEVELS: readonly Level[] = ["memory", "process", "disk"]

/** The stronger of two levels. */
export function strongest(left: Level, right: Level): Level {
  return LEVELS.indexOf(left) < LEVELS.indexOf(right) ? right : left
}

/**
 * The level that a pipe asks of a log that acknowledges with `given`.
 *
 * @throws {RangeError} when it is none.
 * @throws {LogError} `UNSUPPORTED` when the log acknowledges with less.
 */
export function toLevel(wanted: Level | undefined, given: Level): Level {
  if (wanted === undefined) return given
  if (!LEVELS.includes(wanted)) {
    throw new RangeError(
      `Cannot append with level ${JSON.stringify(wanted)}: want ${LEVELS.join(", ")}`,
    )
  }
  if (strongest(wanted, given) === given) return wanted
  throw new LogError(
    "UNSUPPORTED",
    `Cannot append with level ${wanted}: this log acknowledges with ${given}; ask for that, or open another log`,
  )
}
