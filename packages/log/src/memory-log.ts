import type { Level, Log, LogSupports, RecordBatch } from "./log.ts"
import type { Commit, CommitResult, LogBackend, LogCursor } from "./log-backend.ts"
import { type Offset, START, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"
import { ProducerTable } from "./producer-table.ts"
import { toRecordBatch } from "./record-batch.ts"
import { tailMismatch } from "./tail-mismatch.ts"

const MAX_BATCH_BYTES = 16_777_216

/** What `createMemoryLog` takes. */
export interface MemoryLogOptions {
  /**
   * The most bytes that one record, or one atomic batch, may take with its framing: 1 byte a
   * record, or 4 when one of the chunk's records holds an LF. More is refused with
   * `RECORD_TOO_LARGE` or `BATCH_TOO_LARGE`. Default 16 MiB (16,777,216).
   */
  readonly maxBatchBytes?: number
}

/**
 * Makes a log that lives as long as this process: for tests, and where replay matters and
 * durability does not. It keeps every record that it acknowledges; only memory bounds it.
 *
 * @throws {RangeError} when `maxBatchBytes` is not a whole number from 1 to 2^32 - 1.
 *
 * @example Follow a log
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const follower = log.replay({ from: "tail", follow: true }).getReader()
 * const next = follower.read()
 * const writer = log.writable().getWriter()
 * await writer.write(new TextEncoder().encode("live"))
 * assert.equal(new TextDecoder().decode((await next).value?.data), "live")
 * await follower.cancel()
 * await log.close()
 * ```
 */
export function createMemoryLog(options: MemoryLogOptions = {}): Log {
  return openLog(new MemoryBackend(options))
}

/**
 * The primitives of the in-memory log, to build a log of other abilities or faults upon.
 *
 * @example A log whose storage fails
 * ```ts
 * import assert from "node:assert/strict"
 * import { MemoryBackend, openLog } from "@bellmouth/log"
 *
 * class Broken extends MemoryBackend {
 *   override async commit(): Promise<never> {
 *     throw new Error("no space left")
 *   }
 * }
 * const writer = openLog(new Broken()).writable().getWriter()
 * writer.write(new Uint8Array(1))
 * await assert.rejects(writer.close(), { code: "WRITE_FAILED" })
 * ```
 */
export class MemoryBackend implements LogBackend {
  readonly id: string = crypto.randomUUID()
  readonly level: Level = "memory"
  readonly supports: LogSupports = {
    append: true,
    producers: true,
    trim: true,
    reopen: false,
    manyWriters: false,
  }
  readonly maxBatchBytes: number
  readonly producers: ProducerTable = new ProducerTable()
  readonly #batches: RecordBatch[] = []
  #start = START
  #tail = START

  constructor(options: MemoryLogOptions = {}) {
    const { maxBatchBytes = MAX_BATCH_BYTES } = options
    if (!Number.isInteger(maxBatchBytes) || maxBatchBytes < 1 || maxBatchBytes >= 2 ** 32) {
      throw new RangeError(
        `Cannot make a log with maxBatchBytes ${maxBatchBytes}: want a whole number from 1 to 2^32 - 1`,
      )
    }
    this.maxBatchBytes = maxBatchBytes
  }

  async start(): Promise<Offset> {
    return this.#start
  }

  async trim(before: Offset): Promise<void> {
    this.#start = before
    const kept = this.#find(before)
    this.#batches.splice(0, kept)
  }

  async tail(): Promise<Offset> {
    return this.#tail
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const offset = this.#tail
    const { expectedTail = offset } = commit
    if (expectedTail !== offset) throw tailMismatch(expectedTail, offset)
    const bytes = commit.bytes.slice()
    let at = 0
    let next: number = offset
    for (const run of commit.runs) {
      const count = run.batches * run.count
      const end = at + run.byteLength
      const init = { offset: toOffset(next), count, framing: run.framing }
      this.#batches.push(toRecordBatch({ ...init, bytes: bytes.subarray(at, end) }))
      at = end
      next += count
    }
    this.#tail = toOffset(next)
    return { offset }
  }

  read(from: Offset, lend = false): LogCursor {
    let position = from
    return {
      // The consumer owns what it reads, and may change it: a copy keeps the log as it was.
      next: async () => {
        const batch = this.#batches[this.#find(position)]
        if (batch === undefined) return undefined
        position = toOffset(batch.offset + batch.count)
        if (lend) return batch
        const { offset, count, framing, bytes } = batch
        return toRecordBatch({ offset, count, framing, bytes: bytes.slice() })
      },
      close: async () => {},
    }
  }

  watch(): () => void {
    return () => {}
  }

  async close(): Promise<void> {}

  /** The index of the batch that holds `offset`, or that will. */
  #find(offset: Offset): number {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const batch = this.#batches[middle]
      if (batch !== undefined && batch.offset + batch.count <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
