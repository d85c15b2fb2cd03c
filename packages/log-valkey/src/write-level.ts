import { type Level, LogError } from "@bellmouth/log"
import type { Way } from "./nodes/node-link.ts"
import type { ServerAbility } from "./server-ability.ts"

/** What an acknowledgement of a log says, and how the server is made to hold it. */
export interface WriteLevel {
  readonly level: "process" | "disk"
  /** Whether the server has every write on disk before it answers, whatever is asked of it. */
  readonly isAlways: boolean
  /** Whether it can be asked what is on disk. */
  readonly hasWait: boolean
  /** How many replicas have to have a write. */
  readonly replicas: number
  /** Whether replays may give records that are not acknowledged yet. */
  readonly readsAhead: boolean
}

/**
 * What a server can give of what was asked for; without anything asked, the strongest.
 *
 * @throws {LogError} `UNSUPPORTED` when it is less.
 */
export function toWriteLevel(
  wanted: "process" | "disk" | undefined,
  replicas: number,
  { hasWait, isAlways, isWhole }: ServerAbility,
): WriteLevel {
  const strongest = isWhole && (hasWait || isAlways) ? "disk" : "process"
  const level = wanted ?? strongest
  if (level === "disk" && strongest === "process") {
    throw new LogError(
      "UNSUPPORTED",
      hasWait || isAlways
        ? "Cannot open the log with level disk: the server may have cut its append-only file within a transaction, and does not rewrite it; set aof-load-truncated no, or allow INFO and BGREWRITEAOF"
        : "Cannot open the log with level disk: the server keeps no append-only file, or can not say when it is on disk; set appendonly yes, and on Redis before 7.2 appendfsync always",
    )
  }
  const readsAhead = replicas > 0 || (level === "disk" && !isAlways)
  return { level, isAlways: isAlways && level === "disk", hasWait, replicas, readsAhead }
}

/** How a write goes out that is acknowledged with a level. */
export function toWay({ hasWait, replicas }: WriteLevel, level: Level): Way {
  const isSynced = level === "disk" && hasWait
  if (!isSynced && replicas === 0) return { type: "write" }
  return { type: "durable", durability: { isSynced, replicas } }
}
