import { encodeLogName, type Log, LogError, openLog, type SnapshotStore } from "@bellmouth/log"
import type { ObjectFormat } from "./objects/object-format.ts"
import { openReader, openWriter, type Place } from "./open-backend.ts"
import type { GitReader } from "./reader/git-reader.ts"
import type { RemovedLock } from "./refs/stale-ref-lock.ts"
import { openRepository } from "./repository.ts"
import { createSnapshotStore, type SnapshotCodec } from "./snapshot-store.ts"

const MAX_BATCH_BYTES = 16_777_216

/** What `openGitLog` takes. */
export interface GitLogOptions {
  /**
   * `"write"`: one of any number of writers; it makes the log, and a bare repository, when there is none.
   * `"read"`: a reader, which changes nothing. Both follow what others append. Default `"write"`.
   */
  readonly mode?: "write" | "read"
  /**
   * What an acknowledgement says. `"disk"`: objects, the ref and their directories were synced, so that
   * the records survive a power cut. `"process"`: the kernel has them, so that they survive the end of
   * the process but not a power cut. Default `"disk"`.
   */
  readonly level?: "disk" | "process"
  /**
   * The most bytes that one record, or one atomic batch, may take with its framing: 1 byte a
   * record, or 4 when one of the chunk's records holds an LF. More is refused with
   * `RECORD_TOO_LARGE` or `BATCH_TOO_LARGE`. Default 16 MiB (16,777,216).
   */
  readonly maxBatchBytes?: number
  /** How a repository that is made names its objects. Default `"sha1"`. */
  readonly objectFormat?: ObjectFormat
}

/** A log in a git repository. */
export interface GitLog extends Log {
  readonly repository: string
  readonly name: string
  /** The ref that names the log's last commit. */
  readonly ref: string
  /**
   * The last lock of a ref that a writer had left when it died, and that this log has removed: on opening,
   * on appending, or on forking, when it is of the fork's ref.
   */
  readonly removedLock: RemovedLock | undefined
  /**
   * Packs what is loose in the repository, by `git repack`, and removes what was packed. Appending waits
   * meanwhile; replays go on.
   *
   * @throws {LogError} `READ_ONLY`, or `WRITE_FAILED`, which does no harm.
   */
  maintain(): Promise<void>
  /**
   * The latest snapshot, kept with the log: in the tree of its commits. Saving makes a commit; a reader can
   * only load.
   */
  snapshots<S>(codec?: SnapshotCodec<S>): SnapshotStore<S>
}

/**
 * Opens the log of a name in a git repository, or makes it there: one commit for each group commit, on a
 * ref of its own. `git log` reads it, `git fetch` and `git push` move it.
 *
 * Opening reads a constant number of commits, whatever the log's length. System and user configuration,
 * hooks and helpers of git are off. Any number of writers may append at the same time, in one repository
 * on one machine; each commit compares and swaps the ref. After the first write or sync that fails,
 * this log stores nothing more (`WRITE_FAILED`, then `POISONED`) until it is opened again.
 *
 * @throws {TypeError | RangeError} when the name or an option is not one it can have.
 * @throws {LogError} `NOT_A_LOG`, `CORRUPT`, `UNSUPPORTED` (git is missing, or before 2.36),
 *   `UNSUPPORTED_VERSION`, `LOCKED`, `READ_FAILED` or `WRITE_FAILED`.
 *
 * @example Append, close, open again
 * ```ts
 * import assert from "node:assert/strict"
 * import { mkdtemp } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { from, toArray } from "@bellmouth/core"
 * import { openGitLog } from "@bellmouth/log-git"
 *
 * const repository = await mkdtemp(join(tmpdir(), "events-"))
 * const log = await openGitLog(repository, "orders")
 * const records = from(["one", "two"]).pipeThrough(new TextEncoderStream())
 * const acks = await toArray(records.pipeThrough(log.append()))
 * assert.deepEqual(acks[1], { offset: 1, count: 1, level: "disk" })
 * await log.close()
 *
 * await using again = await openGitLog(repository, "orders", { mode: "read" })
 * const entries = await toArray(again.replay())
 * assert.deepEqual(entries.map(({ data }) => new TextDecoder().decode(data)), ["one", "two"])
 * ```
 */
export async function openGitLog(
  repository: string,
  name: string,
  options: GitLogOptions = {},
): Promise<GitLog> {
  const { mode = "write", level = "disk", objectFormat = "sha1" } = options
  const { maxBatchBytes = MAX_BATCH_BYTES } = options
  checkOneOf("mode", mode, ["write", "read"])
  checkOneOf("level", level, ["disk", "process"])
  checkOneOf("objectFormat", objectFormat, ["sha1", "sha256"])
  if (!Number.isInteger(maxBatchBytes) || maxBatchBytes < 1 || maxBatchBytes > 2 ** 30) {
    throw new RangeError(
      `Cannot open the log with maxBatchBytes ${maxBatchBytes}: want a whole number from 1 to 2^30`,
    )
  }
  const token = await encodeLogName(name)
  try {
    const make = mode === "write" ? objectFormat : undefined
    const opened = await openRepository({ path: repository, level, make })
    const place: Place = { repository: opened, name, token, maxBatchBytes }
    if (mode === "read") return toLog(await openReader(place), place, () => undefined)
    const { backend, removedLock } = await openWriter(place)
    return toLog(backend, place, removedLock)
  } catch (cause) {
    throw toOpenError(repository, mode, cause)
  }
}

function toLog(
  backend: GitReader,
  place: Place,
  removedLock: () => RemovedLock | undefined,
): GitLog {
  const log = openLog(backend)
  // Rejects with what stands in the way of using the log at all.
  const usable = async (): Promise<void> => void (await log.tail())
  const gitLog = Object.assign(log, {
    repository: place.repository.directory,
    name: place.name,
    ref: backend.heads.ref.ref,
    removedLock: removedLock(),
    async maintain() {
      await usable()
      await backend.maintain()
    },
    snapshots: <S>(codec?: SnapshotCodec<S>) => createSnapshotStore(backend, usable, codec),
  })
  // What is removed later is told, too.
  return Object.defineProperty(gitLog, "removedLock", { get: removedLock })
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new RangeError(
    `Cannot open the log with ${name} ${JSON.stringify(value)}: want ${allowed.join(" or ")}`,
  )
}

function toOpenError(repository: string, mode: "write" | "read", cause: unknown): unknown {
  if (cause instanceof LogError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = mode === "write" ? "WRITE_FAILED" : "READ_FAILED"
  return new LogError(code, `Cannot open the log in ${repository}: ${reason}`, {
    cause,
    path: repository,
  })
}
