import type { Level, LogBackend, ProducerTable } from "@bellmouth/log"
import type { CopyOrigin } from "../copy/copy-log.ts"
import type { FileLayer } from "../files/file-layer.ts"
import type { WriteLock } from "../locks/write-lock.ts"
import type { Retainer } from "../segments/retention.ts"
import type { SegmentFile } from "../segments/segment-file.ts"
import type { SparseIndex } from "../segments/sparse-index.ts"
import type { TailFile } from "../segments/tail-file.ts"

/** What a writer begins with, once the log was opened or made. */
export interface FsWriterInit {
  readonly layer: FileLayer
  readonly directory: string
  readonly id: Uint8Array
  readonly seed: number
  readonly level: Level
  readonly maxBatchBytes: number
  readonly segmentBytes: number
  readonly lock: WriteLock
  readonly tailFile: TailFile
  readonly retainer: Retainer
  /** The bases of all segments, in order. */
  readonly bases: readonly number[]
  readonly active: ActiveSegment
  /** The offset after the last record of `active`. */
  readonly tail: number
  /** What is stored of each producer. */
  readonly producers: ProducerTable
  /** Whether it was sealed. */
  readonly isSealed: boolean
  /** Makes a fork, and opens it. */
  readonly fork: ForkWriter
}

/** Makes a log in a directory of the records of another before an offset, and opens it for writing. */
export type ForkWriter = (origin: CopyOrigin, at: number, directory: string) => Promise<LogBackend>

/** The segment that is written to. */
export interface ActiveSegment extends SegmentFile {
  readonly index: SparseIndex
  /** Where the next frame goes. */
  readonly position: number
  /** The size of the file: from `position` up to there it holds zeros. */
  readonly filled: number
  /** The checksum of the last frame. */
  readonly previous: number
}
