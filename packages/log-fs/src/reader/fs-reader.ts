import {
  type CommitResult,
  type Level,
  type LogBackend,
  type LogCursor,
  LogError,
  type LogSupports,
  type Offset,
  toOffset,
  WaitingCursor,
} from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { idText, sameId } from "../segments/log-id.ts"
import { readSeal } from "../segments/seal-file.ts"
import { SegmentCursor, type SegmentSource } from "../segments/segment-cursor.ts"
import { readIndex } from "../segments/segment-index.ts"
import { segmentBases } from "../segments/segment-name.ts"
import type { SparseIndex } from "../segments/sparse-index.ts"
import { readTail } from "../segments/tail-file.ts"

/** What a reader begins with. */
export interface FsReaderInit {
  readonly layer: FileLayer
  readonly directory: string
  readonly id: Uint8Array
  readonly seed: number
  readonly level: Level
  readonly bases: readonly number[]
  readonly tail: number
  /** The offset of the first record that is kept. */
  readonly start: number
}

/** The primitives of a log in a directory, for those who only read it while another writes. */
export class FsReader implements LogBackend, SegmentSource {
  readonly layer: FileLayer
  readonly directory: string
  readonly id: string
  readonly logId: Uint8Array
  readonly seed: number
  readonly maxBatchBytes: number = 0
  readonly producers: undefined
  readonly supports: LogSupports = {
    append: false,
    producers: false,
    trim: false,
    seal: true,
    fork: false,
    reopen: true,
    manyWriters: false,
  }
  #bases: readonly number[]
  #tail: number
  #start: number
  #level: Level

  constructor(init: FsReaderInit) {
    this.layer = init.layer
    this.directory = init.directory
    this.id = idText(init.id)
    this.logId = init.id
    this.seed = init.seed
    this.#level = init.level
    this.#bases = init.bases
    this.#tail = init.tail
    this.#start = init.start
  }

  /** What the writer acknowledges with, as the reader has seen it last. */
  get level(): Level {
    return this.#level
  }

  async start(): Promise<Offset> {
    await this.#refresh()
    return toOffset(this.#start)
  }

  async tail(): Promise<Offset> {
    await this.#refresh()
    return toOffset(this.#tail)
  }

  async commit(): Promise<CommitResult> {
    throw readOnly()
  }

  async trim(): Promise<never> {
    throw readOnly()
  }

  async seal(): Promise<void> {
    throw readOnly()
  }

  /** A seal may be seen before the tail that was published with it: then there is more to read. */
  async sealed(): Promise<boolean> {
    const end = await readSeal(this.layer, this.directory, this.seed)
    if (end === undefined) return false
    if (this.#tail < end) await this.#refresh()
    return this.#tail >= end
  }

  async fork(): Promise<LogBackend> {
    throw readOnly()
  }

  read(from: Offset, lend: boolean): LogCursor {
    return new WaitingCursor(new SegmentCursor(this, from, lend))
  }

  watch(wake: () => void): () => void {
    return this.layer.watch(this.directory, wake)
  }

  async close(): Promise<void> {}

  async tailAfter(known: number): Promise<number> {
    if (this.#tail <= known) await this.#refresh()
    return this.#tail
  }

  async bases(known: number): Promise<readonly number[]> {
    // The segment after the last known one may have been made since, or the first one.
    if ((this.#bases.at(-1) ?? -1) < known) {
      this.#bases = segmentBases(await this.layer.list(this.directory))
    }
    return this.#bases
  }

  end(): undefined {
    return undefined
  }

  index(base: number): Promise<SparseIndex | undefined> {
    return readIndex(this.layer, this.directory, base, this.seed)
  }

  async #refresh(): Promise<void> {
    const record = (await readTail(this.layer, this.directory))?.record
    if (record === undefined) {
      throw new LogError(
        "CORRUPT",
        `Cannot read on: the tail file of ${this.directory} is missing or damaged; ` +
          "open the log for writing once, which makes it anew",
        { path: this.directory, offset: toOffset(this.#tail) },
      )
    }
    if (!sameId(record.id, this.logId)) {
      throw new LogError(
        "NOT_A_LOG",
        `Cannot read on: another log has taken the place of ${this.id} in ${this.directory}; open it anew`,
        { path: this.directory },
      )
    }
    this.#tail = Math.max(this.#tail, record.tail)
    this.#start = Math.max(this.#start, record.start)
    this.#level = record.level
  }
}

function readOnly(): LogError {
  return new LogError("READ_ONLY", "Cannot write to the log: it was opened for reading")
}
