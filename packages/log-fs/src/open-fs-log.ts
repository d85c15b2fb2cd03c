import { resolve } from "node:path"
import { type Log, LogError, type Offset, openLog, toOffset } from "@bellmouth/log"
import type { FileLayer } from "./files/file-layer.ts"
import { nodeFileLayer } from "./files/node-file-layer.ts"
import { FsReader } from "./reader/fs-reader.ts"
import { openReader } from "./reader/open-reader.ts"
import type { Recovery } from "./segments/recover-segment.ts"
import { checkRetention, type Retention } from "./segments/retention.ts"
import { forkWriter } from "./writer/fork-writer.ts"
import { type OpenWriterInit, openWriter } from "./writer/open-writer.ts"

const SEGMENT_BYTES = 67_108_864
const MAX_BATCH_BYTES = 16_777_216

/** What `openFsLog` takes. */
export interface FsLogOptions {
  /**
   * `"write"`: the one writer, which makes the directory and the log when there is none, and
   * recovers it after a crash. `"read"`: one of any number of readers, also in other processes;
   * they see what the writer has published, and follow it. Default `"write"`.
   */
  readonly mode?: "write" | "read"
  /**
   * What an acknowledgement says. `"disk"`: fdatasync has returned, so that the records survive a
   * power cut. `"process"`: the kernel has them, so that they survive the end of the process but
   * not a power cut. Nothing for a reader, which tells what its writer was opened with.
   * Default `"disk"`.
   */
  readonly level?: "disk" | "process"
  /**
   * The size in bytes from which on a segment is sealed and a new one begun; a segment is longer by
   * one commit at most. Default 64 MiB (67,108,864).
   */
  readonly segmentBytes?: number
  /**
   * The most bytes that one record, or one atomic batch, may take with its framing: 1 byte a
   * record, or 4 when one of the chunk's records holds an LF. More is refused with
   * `RECORD_TOO_LARGE` or `BATCH_TOO_LARGE`. Default 16 MiB (16,777,216).
   */
  readonly maxBatchBytes?: number
  /** How much is kept, as records are appended. Default: everything. */
  readonly retention?: Retention
  /** Gives the time in milliseconds since 1970, for the age of segments. Default `Date.now`. */
  readonly now?: () => number
  /**
   * Whether to take the lock from a writer that lives, or of which that can not be told: one that hangs, or on
   * a machine that is gone. If it does live, it is fenced: it acknowledges nothing more. Default
   * false: `LOCKED`.
   */
  readonly takeOver?: boolean
  /** The file system. Default that of Node. */
  readonly fileLayer?: FileLayer
}

/** A log in a directory. */
export interface FsLog extends Log {
  /** The directory, as an absolute path. */
  readonly directory: string
  /** What opening had to cut off the end, if anything: a write that never finished. */
  readonly recovery: Recovery | undefined
  /**
   * Gives up whole segments, the oldest first, as a `trim` does, until the log holds no more than that; gives the
   * offset where it begins then. Nothing that a replay of this log has still to read goes.
   *
   * @throws {RangeError} when a limit is not one it can have.
   * @throws {LogError} what `trim` throws, and `READ_FAILED`.
   */
  retain(retention: Retention): Promise<Offset>
}

/**
 * Opens the log in a directory, or makes one there.
 *
 * Opening reads the last segment only. After the first write or sync that fails, the log stores
 * nothing more (`WRITE_FAILED`, then `POISONED`), and what was acknowledged stays readable; opening
 * it again recovers it. Network file systems are not supported: their locks and syncs do not hold
 * what is promised here.
 *
 * @throws {RangeError} when an option is not one it can have.
 * @throws {LogError} `LOCKED`, `FENCED` (another has taken the log over meanwhile), `NOT_A_LOG`, `CORRUPT`,
 *   `UNSUPPORTED_VERSION`, `READ_FAILED` or `WRITE_FAILED`.
 *
 * @example Append, close, open again
 * ```ts
 * import assert from "node:assert/strict"
 * import { mkdtemp } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { from, toArray } from "@bellmouth/core"
 * import { openFsLog } from "@bellmouth/log-fs"
 *
 * const directory = await mkdtemp(join(tmpdir(), "events-"))
 * const log = await openFsLog(directory)
 * const records = from(["one", "two"]).pipeThrough(new TextEncoderStream())
 * const acks = await toArray(records.pipeThrough(log.append()))
 * assert.deepEqual(acks[1], { offset: 1, count: 1, level: "disk" })
 * await log.close()
 *
 * await using again = await openFsLog(directory, { mode: "read" })
 * const entries = await toArray(again.replay())
 * assert.deepEqual(entries.map(({ data }) => new TextDecoder().decode(data)), ["one", "two"])
 * ```
 */
export async function openFsLog(path: string, options: FsLogOptions = {}): Promise<FsLog> {
  // The process may change its own directory while the log is open.
  const directory = resolve(path)
  const { mode = "write", level = "disk", fileLayer = nodeFileLayer } = options
  const { segmentBytes = SEGMENT_BYTES, maxBatchBytes = MAX_BATCH_BYTES } = options
  const { takeOver = false, retention = {}, now = Date.now } = options
  checkRetention(retention)
  checkBytes({ segmentBytes, maxBatchBytes })
  checkOneOf("mode", mode, ["write", "read"])
  checkOneOf("level", level, ["disk", "process"])
  try {
    if (mode === "read") {
      const backend = new FsReader(await openReader(fileLayer, directory))
      const retain = async (): Promise<never> => backend.trim()
      return Object.assign(openLog(backend), { directory, recovery: undefined, retain })
    }
    const init: OpenWriterInit = {
      layer: fileLayer,
      directory,
      level,
      segmentBytes,
      maxBatchBytes,
      takeOver,
      retention,
      now,
      fork: (origin, at, to) => forkWriter(init, origin, at, to),
    }
    const { backend, recovery } = await openWriter(init)
    const log = openLog(backend)
    const retain = async (policy: Retention): Promise<Offset> => {
      checkRetention(policy)
      const from = await backend.retainedFrom(policy).catch((cause: unknown) => {
        throw toError("look at", "READ_FAILED", directory, cause)
      })
      if (from !== undefined) await log.trim(toOffset(from))
      return log.start()
    }
    return Object.assign(log, { directory, recovery, retain })
  } catch (cause) {
    throw toError("open", mode === "write" ? "WRITE_FAILED" : "READ_FAILED", directory, cause)
  }
}

function checkBytes(limits: Record<string, number>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 31) {
      throw new RangeError(
        `Cannot open the log with ${name} ${value}: want a whole number from 1 to 2^31`,
      )
    }
  }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new RangeError(
    `Cannot open the log with ${name} ${JSON.stringify(value)}: want ${allowed.join(" or ")}`,
  )
}

function toError(
  action: string,
  code: "READ_FAILED" | "WRITE_FAILED",
  directory: string,
  cause: unknown,
): unknown {
  if (cause instanceof LogError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Cannot ${action} the log in ${directory}: ${reason}`
  return new LogError(code, message, { cause, path: directory })
}
