import type { Level, Log, LogSupports, RecordBatch } from "./log.ts"
import type { Commit, CommitResult, CommitRun, LogBackend, LogCursor } from "./log-backend.ts"
import { logSealed } from "./log-sealed.ts"
import { type Offset, START, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"
import { ProducerTable } from "./producer-table.ts"
import { sliceBatch, toRecordBatch } from "./record-batch.ts"
import { tailMismatch } from "./tail-mismatch.ts"

const MAX_BATCH_BYTES = 16_777_216

/** A run as it is kept. */
interface StoredRun {
  readonly batch: RecordBatch
  readonly run: CommitRun
}

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
    seal: true,
    fork: "shared",
    reopen: false,
    manyWriters: false,
  }
  readonly maxBatchBytes: number
  readonly producers: ProducerTable | undefined = new ProducerTable()
  /** What was known of the producers before the first record that is kept. */
  readonly #before = new ProducerTable()
  readonly #stored: StoredRun[] = []
  #start = START
  #tail = START
  #sealed = false

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
    for (const { batch, run } of this.#stored.splice(0, this.#find(before))) {
      this.#before.settleRun(run, batch.offset, batch.offset + batch.count)
    }
  }

  async tail(): Promise<Offset> {
    return this.#tail
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const offset = this.#tail
    const { expectedTail = offset } = commit
    if (this.#sealed) throw logSealed(offset)
    if (expectedTail !== offset) throw tailMismatch(expectedTail, offset)
    const bytes = commit.bytes.slice()
    let at = 0
    let next: number = offset
    for (const run of commit.runs) {
      const count = run.batches * run.count
      const end = at + run.byteLength
      const init = { offset: toOffset(next), count, framing: run.framing }
      this.#stored.push({ batch: toRecordBatch({ ...init, bytes: bytes.subarray(at, end) }), run })
      at = end
      next += count
    }
    this.#tail = toOffset(next)
    return { offset }
  }

  async seal(): Promise<void> {
    this.#sealed = true
  }

  async sealed(): Promise<boolean> {
    return this.#sealed
  }

  /** The runs are shared: nobody changes them, and they stay as long as one of the logs has them. */
  async fork(at: Offset, _name: string): Promise<LogBackend> {
    const fork = new MemoryBackend({ maxBatchBytes: this.maxBatchBytes })
    fork.#start = this.#start
    fork.#tail = at
    fork.#before.restore(this.#before.snapshot())
    fork.producers?.restore(this.#before.snapshot())
    for (const { batch, run } of this.#stored) {
      const kept = sliceBatch(batch, 0, at)
      if (kept === undefined) break
      fork.#stored.push({ batch: kept, run })
      // A fork may have cut the run before.
      fork.producers?.settleRun(run, batch.offset, batch.offset + kept.count)
    }
    return fork
  }

  read(from: Offset, lend = false): LogCursor {
    let position = from
    return {
      // The consumer owns what it reads, and may change it: a copy keeps the log as it was.
      next: async () => {
        const batch = this.#stored[this.#find(position)]?.batch
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
    let high = this.#stored.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const batch = this.#stored[middle]?.batch
      if (batch !== undefined && batch.offset + batch.count <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
