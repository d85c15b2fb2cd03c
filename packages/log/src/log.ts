import type { Offset } from "./offset.ts"
import type { Producer } from "./producer.ts"

/**
 * How safe an acknowledged record is.
 *
 * - `memory`: as long as this process lives.
 * - `process`: the operating system holds it, so that it survives the end of this process, by
 *   `kill -9` too, but not a power cut.
 * - `disk`: the storage said that it is written, so that it survives a power cut.
 */
export type Level = "memory" | "process" | "disk"

/** One record of a log: bytes, and where they stand. */
export interface LogEntry {
  readonly offset: Offset
  /** The record; the consumer owns it, and may change it. It may be a view of a larger buffer. */
  readonly data: Uint8Array
}

/**
 * What `append()` takes: one record, an atomic batch of one record or more (all are stored, or
 * none), or an entry of another log, whose `data` is stored and whose `offset` is not kept.
 *
 * The log copies the bytes before the write is accepted, so the producer keeps its buffers: once
 * `write()` has resolved it may fill them anew.
 */
export type AppendInput = Uint8Array | readonly Uint8Array[] | LogEntry

/** What `append()` gives for each chunk written, in order, once it is as safe as `level` says. */
export interface Ack {
  /** The offset of the first record of the chunk. */
  readonly offset: Offset
  /** How many records the chunk held. */
  readonly count: number
  /** How safe the chunk is now. */
  readonly level: Level
  /** There when a producer has sent the chunk before, and the log has it since then. */
  readonly repeated?: true
}

/** How the records of a batch lie one after another; see {@link RecordBatch}. */
export type Framing = "lines" | "sized"

/**
 * Consecutive records as they are stored: the array view of `replay()`.
 *
 * `framing: "lines"` says that every record is followed by one LF and holds none, so `bytes` is
 * ready for the wire as NDJSON when the records are JSON. `"sized"`: each record is preceded by its
 * length as u32, big-endian.
 *
 * The consumer owns `bytes`, unless it asked to be lent them. Entries taken from the batch are views of it. How many records a batch
 * holds follows from how they were committed, and is not part of what replay repeats.
 */
export interface RecordBatch extends Iterable<LogEntry> {
  /** The offset of the first record. */
  readonly offset: Offset
  /** How many records there are, one at least. */
  readonly count: number
  readonly framing: Framing
  readonly bytes: Uint8Array
}

/** What `append()` and `writable()` take. */
export interface AppendOptions {
  /**
   * The most bytes of records, with their framing, that this pipe may have accepted and not yet
   * stored. `write()` waits while there are as many or more, so it is passed by one chunk at most.
   * Default 1 MiB (1,048,576).
   */
  readonly maxPendingBytes?: number
  /**
   * The most acknowledgements that may be under way or lie unread in `readable`; `write()` waits
   * while there are as many. `writable()` has none. Default 4,096.
   */
  readonly maxUnreadAcks?: number
  /**
   * The offset that the first chunk of this pipe has to get: compare and append. When the tail is
   * another, the pipe errors with `TAIL_MISMATCH` and nothing was stored; `offset` is the tail then.
   * The write of that chunk resolves when it is durable.
   */
  readonly expectedTail?: Offset
  /**
   * Who appends, so that a chunk that is sent again is not stored again. The pipe errors with
   * `FENCED`, `SEQUENCE_GAP` or `DUPLICATE` when a chunk can not be told to be new or a repeat. Not
   * together with `expectedTail`.
   */
  readonly producer?: Producer
  /**
   * The least level that an acknowledgement of this pipe may have. A log that acknowledges with less
   * refuses the pipe; one that acknowledges with more may acknowledge earlier. Default: the log's.
   */
  readonly level?: Level
}

/**
 * What `appendBatch()` takes. `maxPendingBytes` is about all calls together: one that finds as many bytes
 * accepted and not stored waits, in the order of the calls.
 */
export type AppendBatchOptions = Omit<AppendOptions, "maxUnreadAcks">

/** What `replay()` and `replayBatches()` take. */
export interface ReplayOptions {
  /** Where to begin: an offset, the first record that is kept, the tail, or the last `n` records. Default "start". */
  readonly from?: Offset | "start" | "tail" | { readonly last: number }
  /** The offset to stop before. */
  readonly until?: Offset
  /** The most records to give. */
  readonly limit?: number
  /**
   * Whether to wait at the tail for what is appended later. Default false: the readable closes at
   * the tail that the log has at the first read.
   */
  readonly follow?: boolean
  /** Ends the replay: the readable errors with `signal.reason`. */
  readonly signal?: AbortSignal
}

/** What `replayBatches()` takes. */
export interface ReplayBatchesOptions extends ReplayOptions {
  /**
   * Whether the bytes of a chunk are lent until the next one is asked for, instead of given: the
   * consumer only reads them, and is done with them before it reads on. A log on disk then needs no
   * new memory for each chunk, which is about half of the time of a replay. Not for a stream that is
   * piped, teed or queued. Default false.
   */
  readonly lend?: boolean
}

/** What a log can do beyond appending and replaying, as data. */
export interface LogSupports {
  /** Whether it takes records; a log opened for reading refuses them with `READ_ONLY`. */
  readonly append: boolean
  /** Whether it knows producers, and stores once what they send twice. */
  readonly producers: boolean
  /** Whether its records can be trimmed. */
  readonly trim: boolean
  /** Whether it can be sealed: given an end, after which it takes no more records. */
  readonly seal: boolean
  /**
   * Whether it can be forked: `"shared"`, the fork shares the records that both have, and keeps them
   * when the log gives them up; `"copy"`, it copies them, at a cost that grows with the log; false.
   */
  readonly fork: "shared" | "copy" | false
  /** Whether records are there when the log is opened again. */
  readonly reopen: boolean
  /** Whether several logs open on the same place may append at the same time. */
  readonly manyWriters: boolean
  /**
   * Whether replays may give records that are stored and not yet as safe as `level` says, so that a
   * power cut may take what a follower has seen. Default false.
   */
  readonly readsAhead?: boolean
}

/**
 * An append-only log of records: bytes at offsets 0, 1, 2 and on, that nothing changes or removes.
 *
 * Only acknowledged records are ever read. Every method may be called many times; all pipes of one
 * log share its commits.
 *
 * @example Append, acknowledge, replay
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * await using log = createMemoryLog()
 * const records = from(["a", "b", "c"]).pipeThrough(new TextEncoderStream())
 * for (const ack of await toArray(records.pipeThrough(log.append()))) assert.equal(ack.count, 1)
 *
 * const replayed = await toArray(log.replay({ from: { last: 2 } }))
 * assert.deepEqual(replayed.map((entry) => entry.offset), [1, 2])
 * assert.equal(new TextDecoder().decode(replayed[1]?.data), "c")
 * ```
 *
 * @example Append one batch after what was seen, as a request would
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * await using log = createMemoryLog()
 * const order = new TextEncoder().encode("one tea")
 * const { offset, count } = await log.appendBatch(order, { expectedTail: await log.tail() })
 * assert.deepEqual([offset, count], [0, 1])
 * await assert.rejects(log.appendBatch(order, { expectedTail: offset }), { code: "TAIL_MISMATCH" })
 * ```
 *
 * @example End a log, and go on in a fork of it
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { createMemoryLog, toOffset } from "@bellmouth/log"
 *
 * await using log = createMemoryLog()
 * const follower = toArray(log.replay({ follow: true }))
 * const writer = log.writable().getWriter()
 * writer.write([new Uint8Array([1]), new Uint8Array([2]), new Uint8Array([3])])
 * await writer.close()
 * assert.equal(await log.seal(), 3)
 * assert.equal((await follower).length, 3)
 *
 * await using fork = await log.fork(toOffset(2), "from the second on")
 * const other = fork.writable().getWriter()
 * other.write(new Uint8Array([9]))
 * await other.close()
 * assert.deepEqual((await toArray(fork.replay())).map(({ data }) => data[0]), [1, 2, 9])
 * ```
 */
export interface Log extends AsyncDisposable {
  /** The log's identity; a log created anew under the same name has another. */
  readonly id: string
  /** The strongest level that this log acknowledges with. */
  readonly level: Level
  /** What this log can do beyond appending and replaying. */
  readonly supports: LogSupports
  /**
   * A transform from records to their acknowledgements, one for each chunk written, in order.
   *
   * `write()` resolves on acceptance, so that one producer fills a commit; what arrives while one
   * commit is under way forms the next. An acknowledgement appears once the chunk is durable, and
   * `readable` closes after the last. Closing, aborting or cancelling the pipe never closes the log.
   *
   * `abort()` and `cancel()` stop what comes next: chunks accepted before are still stored, their
   * acknowledgements are not given. When a chunk is refused, or the log fails, `readable` errors
   * after the acknowledgements of what was stored before.
   *
   * @throws {TypeError} when there are both an expected tail and a producer.
   * @throws {RangeError} when an option is not one that it can have.
   * @throws {LogError} `UNSUPPORTED` when `level` is more than the log acknowledges with, or there is a
   *   producer and `supports.producers` is false.
   */
  append(options?: AppendOptions): ReadableWritablePair<Ack, AppendInput>
  /**
   * Appends one batch, or one record, and settles once it is durable: for servers, whose requests have a batch
   * each and no stream. Calls share their commits with each other and with all pipes, and are stored in the
   * order of the calls. `batch` must not be changed before the promise settles.
   *
   * It rejects with what a pipe of these options would throw, or error with; no other call is harmed by that.
   */
  appendBatch(batch: AppendInput, options?: AppendBatchOptions): Promise<Ack>
  /** The sink alone: `write` resolves on acceptance, `close` once everything is durable. */
  writable(options?: AppendOptions): WritableStream<AppendInput>
  /**
   * The records from an offset on, in order; each is one chunk.
   *
   * Nothing is read before it is asked for, beyond one stored batch. The readable errors with a
   * {@link LogError}: `OFFSET_OUT_OF_RANGE` when `from` is past the tail, `CORRUPT`, `CLOSED`.
   *
   * @throws {RangeError} when a number among the options is not one that the option can have.
   */
  replay(options?: ReplayOptions): ReadableStream<LogEntry>
  /** The array view of `replay()`: whole stored batches, for speed. */
  replayBatches(options?: ReplayBatchesOptions): ReadableStream<RecordBatch>
  /**
   * The offset of the first record that is kept; 0 until the log is trimmed.
   * @throws {LogError} `CLOSED`, or what a replay may end with; so do `tail` and `sealed`.
   */
  start(): Promise<Offset>
  /** The offset where the next record goes; everything before it is durable. */
  tail(): Promise<Offset>
  /**
   * Gives up the records before an offset, for good. Offsets stay as they are: the log then begins
   * there, and a replay from before it is `OFFSET_TRIMMED`. When the storage is given back is up to
   * the log; one on disk removes whole segments. Nothing happens when the log begins there or later.
   *
   * @throws {LogError} `OFFSET_OUT_OF_RANGE` when `before` is past the tail, `UNSUPPORTED` when
   *   `supports.trim` is false, `READ_ONLY`, `WRITE_FAILED`, `POISONED` or `CLOSED`.
   */
  trim(before: Offset): Promise<void>
  /**
   * Ends the log for good, at the tail that it has once everything accepted is stored; gives that
   * tail. From the call on new records are refused with `SEALED`; what a producer sends again is still
   * acknowledged. Followers, also those of other processes, get every record and then close. A sealed
   * log can be read, trimmed, forked and closed. Sealing it again gives the tail again.
   *
   * @throws {LogError} `UNSUPPORTED` when `supports.seal` is false, `READ_ONLY`, `WRITE_FAILED`,
   *   `POISONED` or `CLOSED`; when the write failed, the log may turn out to be sealed.
   */
  seal(): Promise<Offset>
  /** Whether the log was sealed, by whomever. */
  sealed(): Promise<boolean>
  /**
   * Makes a log of the records before an offset, and of what was known of the producers then. The
   * fork has the same offsets and the same start, an identity of its own, and is not sealed. From
   * there on neither sees what is appended to the other, and each outlives the other: what they share stays as
   * long as one of them keeps it. An atomic batch that the offset cuts in two is cut, and is known as sent.
   *
   * `name` is the place, as the backend names logs: a directory on a file system, the name of a log
   * elsewhere; for a log in memory it means nothing. The caller closes the fork.
   *
   * @throws {TypeError | RangeError} when `at` is no offset, or `name` none that the backend can give a log.
   * @throws {LogError} `OFFSET_OUT_OF_RANGE` past the tail, `OFFSET_TRIMMED` before the start, `OFFSET_LOST` among
   *   lost records, `EXISTS` when the place is taken, `UNSUPPORTED` when `supports.fork` is false, `READ_ONLY`,
   *   `READ_FAILED`, `CORRUPT`, `WRITE_FAILED` or `CLOSED`. None of them harms this log.
   */
  fork(at: Offset, name: string): Promise<Log>
  /** Stores what was accepted, ends every replay with `CLOSED`, and lets the storage go. */
  close(): Promise<void>
}
