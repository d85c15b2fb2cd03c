import {
  type Commit,
  type CommitResult,
  type Level,
  type LogBackend,
  type LogCursor,
  type LogError,
  type LogSupports,
  logSealed,
  type Offset,
  type ProducerTable,
  tailMismatch,
  toOffset,
} from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { writeAll } from "../files/write-all.ts"
import { encodeFrame } from "../frames/frame.ts"
import { causeOf, checkMeanwhile, type WriteLock } from "../locks/write-lock.ts"
import { writeFailed } from "../segments/log-fault.ts"
import { idText } from "../segments/log-id.ts"
import { encodeProducerState } from "../segments/producer-state.ts"
import {
  type RetainedLog,
  type Retainer,
  type Retention,
  retainedBeside,
} from "../segments/retention.ts"
import { writeSeal } from "../segments/seal-file.ts"
import type { SegmentSource } from "../segments/segment-cursor.ts"
import { createDurably, createSegment } from "../segments/segment-file.ts"
import { zerosAfter } from "../segments/segment-fill.ts"
import { SEGMENT_HEADER_BYTES } from "../segments/segment-header.ts"
import { readIndex, writeIndex } from "../segments/segment-index.ts"
import { stateName } from "../segments/segment-name.ts"
import { SparseIndex } from "../segments/sparse-index.ts"
import type { TailFile } from "../segments/tail-file.ts"
import { keptBases, removeTrimmed } from "../segments/trim-segments.ts"
import type { ActiveSegment, ForkWriter, FsWriterInit } from "./fs-writer-init.ts"
import { OpenCursors } from "./open-cursors.ts"

/** The primitives of a log in a directory, for its one writer. */
export class FsWriter implements LogBackend, SegmentSource {
  readonly layer: FileLayer
  readonly directory: string
  readonly id: string
  readonly logId: Uint8Array
  readonly seed: number
  readonly level: Level
  readonly maxBatchBytes: number
  readonly producers: ProducerTable
  readonly supports: LogSupports = {
    append: true,
    producers: true,
    trim: true,
    seal: true,
    fork: "copy",
    reopen: true,
    manyWriters: false,
  }
  readonly #segmentBytes: number
  readonly #lock: WriteLock
  readonly #tailFile: TailFile
  readonly #bases: number[]
  readonly #retainer: Retainer
  readonly #cursors = new OpenCursors()
  #active: ActiveSegment
  #tail: number
  #isSealed: boolean
  readonly #fork: ForkWriter
  #failure: LogError | undefined

  constructor(init: FsWriterInit) {
    this.layer = init.layer
    this.directory = init.directory
    this.id = idText(init.id)
    this.logId = init.id
    this.seed = init.seed
    this.level = init.level
    this.maxBatchBytes = init.maxBatchBytes
    this.producers = init.producers
    // The next segment needs a name of its own, so that one without a record is not sealed.
    this.#segmentBytes = Math.max(init.segmentBytes, SEGMENT_HEADER_BYTES + 1)
    this.#lock = init.lock
    this.#tailFile = init.tailFile
    this.#bases = [...init.bases]
    this.#retainer = init.retainer
    this.#active = init.active
    this.#tail = init.tail
    this.#isSealed = init.isSealed
    this.#fork = init.fork
  }

  async start(): Promise<Offset> {
    return toOffset(this.#tailFile.start)
  }

  async tail(): Promise<Offset> {
    return toOffset(this.#tail)
  }

  /**
   * Writes one frame, has it synced, and publishes the tail. Any failure is the last thing that
   * happens to the files: a second fsync may report success for bytes that the first has lost.
   */
  async commit(commit: Commit): Promise<CommitResult> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isSealed) throw logSealed(toOffset(this.#tail))
    const { expectedTail = this.#tail } = commit
    if (expectedTail !== this.#tail) {
      throw tailMismatch(toOffset(expectedTail), toOffset(this.#tail))
    }
    try {
      if (this.#active.position >= this.#segmentBytes) await this.#roll()
      const room = Math.max(this.#active.position, this.#segmentBytes)
      const from = await this.#retainer.look(() => this.#retained(room))
      // Who has begun to read meanwhile is not done with it.
      if (from !== undefined && from <= this.#cursors.needed) await this.#giveUp(from)
      const offset = this.#tail
      const { file, index, position, previous } = this.#active
      const { head, crc } = encodeFrame(commit, { offset, previous }, this.seed)
      const next = position + head.length + commit.bytes.length
      const zeros = this.#zerosAfter(next)
      // Nothing is waited for that is done, so that the disk is at work before other chunks are.
      const writing = writeAll(file, [head, commit.bytes, zeros], position, zeros.length)
      const written = typeof writing === "number" ? writing : await writing
      const syncing = this.level === "disk" ? file.syncData() : undefined
      await checkMeanwhile(this.#lock, syncing)
      const tail = offset + commit.count
      await this.#tailFile.publish(tail, this.level === "disk" ? tail : this.#tailFile.synced)
      index.add(offset, position)
      const filled = Math.max(this.#active.filled, written)
      this.#active = { ...this.#active, position: next, filled, previous: crc }
      this.#tail = tail
      return { offset: toOffset(offset) }
    } catch (cause) {
      throw await this.#fail(`store ${commit.count} records`, this.#active.path, cause)
    }
  }

  /** The start is on disk before a file goes: what is missing then is known to be trimmed. */
  async trim(before: Offset): Promise<void> {
    try {
      await this.#giveUp(before)
    } catch (cause) {
      throw await this.#fail(`trim the log before offset ${before}`, this.directory, cause)
    }
  }

  /** The seal is the last thing to be on disk: whoever finds it finds every record. */
  async seal(): Promise<void> {
    try {
      await this.#lock.check()
      if (this.level !== "disk") {
        await this.#active.file.syncData()
        await this.#tailFile.publish(this.#tail, this.#tail)
      }
      await writeSeal(this.layer, this.directory, this.#tail, this.seed)
      this.#isSealed = true
    } catch (cause) {
      throw await this.#fail("seal the log", this.directory, cause)
    }
  }

  async sealed(): Promise<boolean> {
    return this.#isSealed
  }

  async fork(at: Offset, directory: string): Promise<LogBackend> {
    const { layer, logId: id, seed, level } = this
    const start = this.#tailFile.start
    const bases = keptBases(this.#bases, start)
    // What is being copied is not given up meanwhile.
    const pin = this.#cursors.open(this, toOffset(start), true)
    try {
      const origin = { layer, directory: this.directory, id, seed, bases, start, level }
      return await this.#fork(origin, at, directory)
    } finally {
      await pin.close()
    }
  }

  async #giveUp(before: number): Promise<void> {
    await this.#tailFile.anchor(before)
    await this.#lock.check()
    await this.#tailFile.keep()
    await removeTrimmed(this.layer, this.directory, this.#bases, before)
  }

  #retained(lastBytes: number): Omit<RetainedLog, "now"> {
    const { layer, directory } = this
    const needed = Math.min(this.#tail, this.#cursors.needed)
    const bases = keptBases(this.#bases, this.#tailFile.start)
    return { layer, directory, bases, lastBytes, needed }
  }

  /** The offset before which the log may be trimmed now, undefined when there is nothing to give up. */
  retainedFrom(retention: Retention): Promise<number | undefined> {
    const { nowMs } = this.#retainer
    return retainedBeside(() => ({ ...this.#retained(this.#active.filled), now: nowMs }), retention)
  }

  read(from: Offset, lend: boolean): LogCursor {
    return this.#cursors.open(this, from, lend)
  }

  watch(): () => void {
    return () => {}
  }

  async close(): Promise<void> {
    const steps = [
      async () => (this.#failure === undefined ? this.#settle() : undefined),
      () => this.#active.file.close(),
      () => this.#tailFile.close(),
      () => this.#lock.release(),
    ]
    const failures: unknown[] = []
    for (const step of steps) await step().catch((failure: unknown) => failures.push(failure))
    if (failures.length > 0) throw writeFailed("close the log", this.directory, failures[0])
  }

  async tailAfter(): Promise<number> {
    return this.#tail
  }

  async bases(): Promise<readonly number[]> {
    return this.#bases
  }

  end(base: number): number | undefined {
    return base === this.#active.header.base ? this.#active.position : undefined
  }

  async index(base: number): Promise<SparseIndex | undefined> {
    if (base === this.#active.header.base) return this.#active.index
    return readIndex(this.layer, this.directory, base, this.seed)
  }

  /** Takes the place of the next segment, so that a writer that was stopped before it did can not. */
  async begin(): Promise<void> {
    if (!this.#isSealed && this.#active.position > SEGMENT_HEADER_BYTES) await this.#roll()
  }

  async #fail(action: string, path: string, failure: unknown): Promise<LogError> {
    this.#failure = writeFailed(action, path, await causeOf(this.#lock, failure))
    return this.#failure
  }

  /** A level that does not wait for the disk has nothing to gain. */
  #zerosAfter(end: number): Uint8Array {
    return zerosAfter(end, this.#active, this.level === "disk" ? this.#segmentBytes : 0)
  }

  /** Seals the active segment, and goes on in a new one. */
  async #roll(): Promise<void> {
    const { file, header, index, previous } = this.#active
    await this.#lock.check()
    await this.#tailFile.keep()
    if (this.level !== "disk") {
      await file.syncData()
      await this.#tailFile.publish(this.#tail, this.#tail)
    }
    await writeIndex(this.layer, this.directory, header.base, index, this.seed)
    const state = encodeProducerState(this.producers.snapshot(), this.seed)
    const { epoch } = this.#lock
    await createDurably(this.layer, this.directory, stateName(this.#tail), state, { epoch })
    const createdMs = this.#retainer.nowMs
    const next = { id: this.logId, base: this.#tail, previous, createdMs }
    const segment = await createSegment(this.layer, this.directory, next)
    try {
      // Opened by its name: it may be that of a writer that has taken over since it was made.
      await this.#lock.check()
      await file.close()
    } catch (error) {
      await segment.file.close()
      throw error
    }
    const position = SEGMENT_HEADER_BYTES
    this.#active = { ...segment, index: new SparseIndex(), position, filled: position, previous }
    this.#bases.push(this.#tail)
    this.#retainer.sealed()
  }

  /** Leaves everything on disk, and the tail file saying so twice. */
  async #settle(): Promise<void> {
    const { file, position, filled } = this.#active
    if (this.level !== "disk") await file.syncData()
    await this.#lock.check()
    // A power cut may bring the zeros back, and they say nothing.
    if (filled > position) await file.truncate(position)
    await this.#tailFile.keep()
    await this.#lock.check()
    await this.#tailFile.leave(this.#tail)
  }
}
