import type { Offset } from "./offset.ts"

/**
 * What went wrong with a log. Codes are stable within a major version, messages are not.
 *
 * - `BATCH_TOO_LARGE`: an atomic batch is over `maxBatchBytes`; nothing of it was stored.
 * - `CLOSED`: the log was closed.
 * - `CORRUPT`: stored bytes are not what was written; they are never served and never cut off.
 * - `DIVERGED`: the storage now holds another history than the one that was read; none is cut off.
 * - `DUPLICATE`: a batch is stored already, so long ago that its offset is not known any more.
 * - `EXISTS`: the place that a fork was to be made at is taken.
 * - `FENCED`: a later epoch of the producer, or another writer of the log, has taken over.
 * - `LOCKED`: another writer holds the log.
 * - `NOT_A_LOG`: the place given holds something else, or nothing.
 * - `OFFSET_LOST`: records were lost to damage, as a repair has found; `offset` is the next that is there.
 * - `OFFSET_OUT_OF_RANGE`: an offset past the tail was asked for.
 * - `OFFSET_TRIMMED`: the record was trimmed; `offset` is the first that is there.
 * - `POISONED`: an earlier write failed, so nothing more is stored until the log is opened again.
 * - `READ_FAILED`: the storage failed to read; what is stored is untouched.
 * - `READ_ONLY`: the log was opened for reading.
 * - `RECORD_TOO_LARGE`: one record is over `maxBatchBytes`; nothing of it was stored.
 * - `SEALED`: the log was sealed, and takes no more records; `offset` is its final tail.
 * - `SEQUENCE_GAP`: a batch of the producer is missing before this one.
 * - `TAIL_MISMATCH`: the tail is not the one that was expected; nothing was stored.
 * - `TOO_MANY_PRODUCERS`: the log can not remember another producer.
 * - `UNSUPPORTED`: this log can not do that; see `supports`.
 * - `UNSUPPORTED_VERSION`: the log was written in a later format.
 * - `WRITE_FAILED`: the storage refused this write; the records are not acknowledged.
 */
export type LogErrorCode =
  | "BATCH_TOO_LARGE"
  | "CLOSED"
  | "CORRUPT"
  | "DIVERGED"
  | "DUPLICATE"
  | "EXISTS"
  | "FENCED"
  | "LOCKED"
  | "NOT_A_LOG"
  | "OFFSET_LOST"
  | "OFFSET_OUT_OF_RANGE"
  | "OFFSET_TRIMMED"
  | "POISONED"
  | "READ_FAILED"
  | "READ_ONLY"
  | "RECORD_TOO_LARGE"
  | "SEALED"
  | "SEQUENCE_GAP"
  | "TAIL_MISMATCH"
  | "TOO_MANY_PRODUCERS"
  | "UNSUPPORTED"
  | "UNSUPPORTED_VERSION"
  | "WRITE_FAILED"

/** Where a fault of a log lies. */
export interface LogErrorOptions extends ErrorOptions {
  /** The offset asked for, or of the first record that can not be read. */
  readonly offset?: Offset
  /** The file or object at fault. */
  readonly path?: string
  /** The position of the fault in `path`, in bytes. */
  readonly position?: number
  /** The sequence of a producer's batch that would have been right. */
  readonly sequence?: number
  /** The epoch of a producer that has taken over. */
  readonly epoch?: number
}

/**
 * A fault of a log, told apart by `code`; the error class of every log backend.
 *
 * @example Tell a fault by its code
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog, LogError, toOffset } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const reader = log.replay({ from: toOffset(7) }).getReader()
 * const error = await reader.read().catch((reason) => reason)
 * assert(error instanceof LogError)
 * assert.equal(error.code, "OFFSET_OUT_OF_RANGE")
 * assert.equal(error.offset, 7)
 * ```
 */
export class LogError extends Error {
  override readonly name = "LogError"
  /** What went wrong; see {@link LogErrorCode}. */
  readonly code: LogErrorCode
  /** The offset asked for, or of the first record that can not be read. */
  readonly offset: Offset | undefined
  /** The file or object at fault. */
  readonly path: string | undefined
  /** The position of the fault in `path`, in bytes. */
  readonly position: number | undefined
  /** The sequence of a producer's batch that would have been right. */
  readonly sequence: number | undefined
  /** The epoch of a producer that has taken over. */
  readonly epoch: number | undefined

  constructor(code: LogErrorCode, message: string, options: LogErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.offset = options.offset
    this.path = options.path
    this.position = options.position
    this.sequence = options.sequence
    this.epoch = options.epoch
  }
}
