import type { Framing, Level, LogSupports, RecordBatch } from "./log.ts"
import type { LogError } from "./log-error.ts"
import type { Offset } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"
import type { ProducerTable, StoredBatch } from "./producer-table.ts"

/**
 * Chunks of one kind that follow one another in a commit: `batches` atomic batches of `count`
 * records each. Storing runs keeps every boundary between batches at a cost that single records,
 * the common case, hardly notice.
 */
export interface CommitRun {
  readonly framing: Framing
  /** How many batches the run holds. */
  readonly batches: number
  /** How many records each of the batches holds. */
  readonly count: number
  /** How many bytes the run takes in the commit's `bytes`, framing included. */
  readonly byteLength: number
  /** Who has sent the first batch of the run; each next one has a sequence that is one more. */
  readonly producer: ProducerBatch | undefined
}

/** What one commit stores, all or nothing: the chunks of many pipes, one after another. */
export interface Commit {
  /** How many records there are in all runs. */
  readonly count: number
  readonly runs: readonly CommitRun[]
  /** The records of all runs, framed. Lent until the commit settles: copy what is kept. */
  readonly bytes: Uint8Array
  /**
   * The tail that the log has to have. When it is another, nothing is written, and the commit
   * rejects with `tailMismatch`; that is no failure of the storage, and more commits follow.
   */
  readonly expectedTail: Offset | undefined
  /**
   * The strongest level that a chunk of the commit asks for: the commit may settle once it is as safe
   * as this, and says so in its result.
   */
  readonly level: Level
}

/** Where a commit went. */
export interface CommitResult {
  /** The offset of the first record that was stored. */
  readonly offset: Offset
  /** How safe the commit is; default the backend's level. At least the commit's level. */
  readonly level?: Level
  /**
   * The batches that were not stored, in order of `batch`. Only from a backend that judges producers
   * itself; the other batches lie one after another from `offset` on.
   */
  readonly exceptions?: readonly BatchException[]
}

/** A batch of a producer that a backend did not store. */
export interface BatchException {
  /** Which one: the number of batches before it in the commit, over all runs. */
  readonly batch: number
  /** Where it is stored already; or why it is refused, `FENCED`, `SEQUENCE_GAP`, `DUPLICATE` and so on. */
  readonly outcome: StoredBatch | LogError
}

/** A position in a log that reads forward. `next` and `close` never run at the same time. */
export interface LogCursor {
  /**
   * Gives the next stored batch, or undefined at the durable tail; asked again later it goes on.
   * The first batch holds the record at the cursor's offset, and may begin before it. The bytes
   * pass to the caller; those of a lending cursor only until `next` is called again.
   */
  next(): Promise<RecordBatch | undefined>
  /** Lets go of what the cursor holds. Called once. */
  close(): Promise<void>
}

/**
 * The primitives under a log. All checks, the group commit, the streams and following are done
 * once, by `openLog`; a backend stores commits and reads them back.
 */
export interface LogBackend {
  readonly id: string
  readonly level: Level
  readonly supports: LogSupports
  /** The most bytes that one chunk of `append()` may hold, framing included. */
  readonly maxBatchBytes: number
  /**
   * The producers whose batches are stored, when `supports.producers` and nobody else appends; the log
   * judges by it, and adds new ones. Undefined when there are none, or when the backend judges them
   * itself, because other writers append too: `commit` then tells by `exceptions` what it did not store.
   */
  readonly producers: ProducerTable | undefined
  /** The offset of the first record that is kept. */
  start(): Promise<Offset>
  /** The durable tail. */
  tail(): Promise<Offset>
  /**
   * Gives up the records before an offset, which is after the start and at most the tail. Called when
   * `supports.trim`, and never together with `commit`. A rejection poisons the log.
   */
  trim(before: Offset): Promise<void>
  /**
   * Stores a commit, and settles once it is as safe as the commit's level. Never called before the
   * one before has settled, nor after one was rejected: an unknown outcome is not built upon. Two
   * rejections are known outcomes, nothing was stored, and more may follow: `tailMismatch`, and
   * `logSealed` when the log was sealed, by this writer or another.
   */
  commit(commit: Commit): Promise<CommitResult>
  /**
   * Ends the log at its tail, durably, for all writers and readers; nothing when it is sealed already.
   * Called when `supports.seal`, and never together with `commit` or `trim`. A rejection poisons the log.
   */
  seal(): Promise<void>
  /**
   * Whether the log is sealed. A cursor asked after this gave true gives undefined only at the final tail.
   */
  sealed(): Promise<boolean>
  /**
   * Makes a log that holds the records before `at`, with the same offsets and start, an identity of its
   * own, the producers as they were then, and no seal. `at` is from the start to the tail. Called when
   * `supports.fork`; may run together with `commit` and `seal`, never with `trim` or `close`. After a crash
   * there is a whole fork, or nothing that opens as a log. Records that both logs share stay until
   * both have given them up. A rejection does not poison the log; `EXISTS` when the place is taken.
   */
  fork(at: Offset, name: string): Promise<LogBackend>
  /** A cursor at an offset that is at most the tail; `lend`: its bytes are lent, and only read. */
  read(from: Offset, lend: boolean): LogCursor
  /**
   * Calls `wake` whenever others may have moved the tail or sealed the log, until the function given back is called.
   * Commits of this backend need no wake.
   */
  watch(wake: () => void): () => void
  close(): Promise<void>
}
