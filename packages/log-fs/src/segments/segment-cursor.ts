import {
  type LogCursor,
  type LogError,
  type RecordBatch,
  toOffset,
  toRecordBatch,
} from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { type FrameChunk, FrameReader } from "../frames/frame-reader.ts"
import { corrupt, lost } from "./log-fault.ts"
import { sameId } from "./log-id.ts"
import { openSegment, type SegmentFile } from "./segment-file.ts"
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts"
import type { SparseIndex } from "./sparse-index.ts"

/** A run of as many bytes is given as it lies; a smaller one is moved next to the one before. */
const MOVE_BYTES = 131_072

/** What a cursor needs to know of its log. */
export interface SegmentSource {
  readonly layer: FileLayer
  readonly directory: string
  readonly logId: Uint8Array
  readonly seed: number
  /** The durable tail; asks again when it is at `known` or before. */
  tailAfter(known: number): Promise<number>
  /** The bases of the segments, in order, those of `known` among them. */
  bases(known: number): Promise<readonly number[]>
  /** The end of the durable bytes of a segment, if known without asking for its size. */
  end(base: number): number | undefined
  index(base: number): Promise<SparseIndex | undefined>
}

interface OpenSegment extends SegmentFile {
  readonly reader: FrameReader
  /** Where the segment ends, when nothing more is written to it. */
  readonly sealedAt: number | undefined
  /** The tail before it was opened: what is before that is in the file that was opened. */
  readonly tail: number
}

/** Reads a log forward, one chunk of frames at a time, from segment to segment. */
export class SegmentCursor implements LogCursor {
  readonly #source: SegmentSource
  readonly #from: number
  readonly #lend: boolean
  readonly #lent: Uint8Array[] = []
  readonly #ready: RecordBatch[] = []
  #next: number
  #segment: OpenSegment | undefined

  constructor(source: SegmentSource, from: number, lend: boolean) {
    this.#source = source
    this.#from = from
    this.#lend = lend
    this.#next = from
  }

  /** The offset of the first record that was not read yet. */
  get position(): number {
    return this.#ready[0]?.offset ?? this.#next
  }

  async next(): Promise<RecordBatch | undefined> {
    for (;;) {
      const ready = this.#ready.shift()
      if (ready !== undefined) return ready
      const tail = await this.#source.tailAfter(this.#next)
      if (this.#next >= tail) return undefined
      this.#segment ??= await this.#open(this.#next, tail)
      await this.#read(this.#segment, tail)
    }
  }

  async close(): Promise<void> {
    await this.#closeSegment()
  }

  async #closeSegment(): Promise<void> {
    await this.#segment?.reader.idle()
    await this.#segment?.file.close()
    this.#segment = undefined
  }

  async #read(segment: OpenSegment, tail: number): Promise<void> {
    const { reader, path, file, header } = segment
    const end = segment.sealedAt ?? this.#source.end(header.base) ?? (await file.size())
    const { position, offset } = reader.next
    if (position >= end) return this.#leave(segment, offset, position)
    const hasGrown = segment.sealedAt === undefined && tail > segment.tail
    const limit = hasGrown ? await this.#limit(header.base, tail) : tail
    if (offset >= limit) return this.#closeSegment()
    const chunk = await reader.read(Math.min(tail, limit), end)
    if (chunk.fault !== undefined && chunk.frames.length === 0) {
      throw corrupt({ path, offset, ...chunk.fault })
    }
    this.#take(chunk)
    this.#next = Math.max(this.#next, reader.next.offset)
  }

  /** Goes to the segment that begins where this one has ended. */
  async #leave(segment: OpenSegment, offset: number, position: number): Promise<void> {
    const bases = await this.#source.bases(offset)
    // One without a record, before records that were lost, does not follow itself.
    if (offset === segment.header.base || !bases.includes(offset)) {
      throw await this.#missing(segment.path, position, offset, bases)
    }
    await this.#closeSegment()
  }

  /**
   * Where the next segment begins, if there is one. A writer that was stopped while another took its place
   * may still write to the file that a reader has open; what is there from the next segment on is nobody's.
   */
  async #limit(base: number, tail: number): Promise<number> {
    const bases = await this.#source.bases(tail)
    return bases.find((known) => known > base) ?? Number.POSITIVE_INFINITY
  }

  /** What was lost, and is known to be, is not told as damage. */
  async #missing(
    path: string,
    position: number,
    offset: number,
    bases: readonly number[],
  ): Promise<LogError> {
    const { layer, directory } = this.#source
    const next = bases.find((base) => base > offset)
    if (next !== undefined) {
      const { file, header } = await openSegment(layer, directory, next, "read")
      await file.close()
      if (header.lost === next - offset) return lost(offset, next)
    }
    const reason = "it ends there, and records that were acknowledged are missing"
    return corrupt({ path, position, reason, offset })
  }

  async #open(offset: number, tail: number): Promise<OpenSegment> {
    const { layer, directory, logId, seed } = this.#source
    const bases = await this.#source.bases(offset)
    const base = bases.findLast((known) => known <= offset)
    if (base === undefined) {
      throw corrupt({
        path: directory,
        position: 0,
        reason: "its first segment is missing",
        offset,
      })
    }
    const segment = await openSegment(layer, directory, base, "read")
    try {
      if (!sameId(segment.header.id, logId)) {
        const reason = "it belongs to another log"
        throw corrupt({ path: segment.path, position: 0, reason, offset: base })
      }
      const entry = (await this.#source.index(base))?.find(offset)
      const first =
        entry === undefined
          ? { position: SEGMENT_HEADER_BYTES, offset: base, previous: segment.header.previous }
          : { ...entry, previous: undefined }
      const sealedAt = base === bases.at(-1) ? undefined : await segment.file.size()
      const reader = new FrameReader(segment.file, first, seed, this.#lend, this.#lent)
      return { ...segment, sealedAt, tail, reader }
    } catch (error) {
      await segment.file.close()
      throw error
    }
  }

  /** Makes batches of the runs: neighbours of one framing are moved together, in place. */
  #take({ bytes, frames }: FrameChunk): void {
    let batch:
      | {
          framing: RecordBatch["framing"]
          offset: number
          count: number
          begin: number
          end: number
          /** Where each record ends, as long as each has a run of its own. */
          ends: number[] | undefined
        }
      | undefined
    const give = (): void => {
      if (batch === undefined) return
      const { framing, count, ends } = batch
      const init = { framing, count, ends, offset: toOffset(batch.offset) }
      this.#ready.push(toRecordBatch({ ...init, bytes: bytes.subarray(batch.begin, batch.end) }))
    }
    for (const { frame, at: frameAt } of frames) {
      let offset = frame.offset
      for (const { framing, count, at, byteLength } of frame.runs) {
        const begin = frameAt + at
        const end = begin + byteLength
        if (offset + count <= this.#from) {
          // Before the cursor's offset: nobody asked for it.
        } else if (batch?.framing === framing && byteLength < MOVE_BYTES) {
          bytes.copyWithin(batch.end, begin, end)
          batch.end += byteLength
          batch.count += count
          if (count === 1) batch.ends?.push(batch.end - batch.begin)
          else batch.ends = undefined
        } else {
          give()
          batch = {
            framing,
            offset,
            count,
            begin,
            end,
            ends: count === 1 ? [byteLength] : undefined,
          }
        }
        offset += count
      }
    }
    give()
  }
}
