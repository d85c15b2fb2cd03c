import { pipe, stage } from "@bellmouth/core"
import { AckReadable, NO_ACKS } from "./ack-readable.ts"
import { AppendPipe, type PipeHost, toPipeLimits } from "./append-pipe.ts"
import { BatchAppender } from "./batch-appender.ts"
import { attempt, Committer } from "./committer.ts"
import type {
  Ack,
  AppendBatchOptions,
  AppendInput,
  AppendOptions,
  Level,
  Log,
  LogEntry,
  LogSupports,
  RecordBatch,
  ReplayBatchesOptions,
  ReplayOptions,
} from "./log.ts"
import type { LogBackend } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { logSealed } from "./log-sealed.ts"
import { type Offset, toOffset } from "./offset.ts"
import { reading } from "./reading.ts"
import { checkReplayOptions, trimmed } from "./replay-range.ts"
import { type ReplayHost, ReplaySource } from "./replay-source.ts"
import { TailSignal } from "./tail-signal.ts"

/**
 * Makes a log of a backend's primitives: checks, group commit, streams and following are the same
 * for all of them. The log owns the backend from here on, and closes it.
 *
 * @example Watch what a backend is given to store
 * ```ts
 * import assert from "node:assert/strict"
 * import { MemoryBackend, openLog } from "@bellmouth/log"
 *
 * const commits: number[] = []
 * class Watched extends MemoryBackend {
 *   override commit(commit: Parameters<MemoryBackend["commit"]>[0]) {
 *     commits.push(commit.count)
 *     return super.commit(commit)
 *   }
 * }
 * const log = openLog(new Watched())
 * const writer = log.writable().getWriter()
 * for (let n = 0; n < 3; n++) writer.write(new Uint8Array([n]))
 * await writer.close()
 * assert.deepEqual(commits, [3])
 * ```
 */
export function openLog(backend: LogBackend): Log {
  return new BackendLog(backend)
}

class BackendLog implements Log, ReplayHost, PipeHost {
  readonly backend: LogBackend
  readonly committer: Committer
  readonly tailSignal: TailSignal = new TailSignal()
  readonly #users = new Set<LogUser>()
  readonly #batches: BatchAppender = new BatchAppender(this)
  readonly #unwatch: () => void
  /** Trims and forks, one after another: a fork copies what a trim takes away. */
  #changing: Promise<unknown> = Promise.resolve()
  #sealing: Promise<Offset> | undefined
  #closing: Promise<void> | undefined

  constructor(backend: LogBackend) {
    this.backend = backend
    const wake = (): void => this.tailSignal.wake()
    this.committer = new Committer(backend, wake)
    this.#unwatch = backend.watch(wake)
  }

  get id(): string {
    return this.backend.id
  }

  get level(): Level {
    return this.backend.level
  }

  get supports(): LogSupports {
    return this.backend.supports
  }

  append(options: AppendOptions = {}): ReadableWritablePair<Ack, AppendInput> {
    const acks = new AckReadable(() => pipe)
    const pipe = new AppendPipe(this, toPipeLimits(options, this), acks)
    return { readable: acks.readable, writable: new WritableStream(pipe) }
  }

  appendBatch(batch: AppendInput, options: AppendBatchOptions = {}): Promise<Ack> {
    return this.#batches.append(batch, options)
  }

  writable(options: AppendOptions = {}): WritableStream<AppendInput> {
    return new WritableStream(new AppendPipe(this, toPipeLimits(options, this), NO_ACKS))
  }

  replay(options: ReplayOptions = {}): ReadableStream<LogEntry> {
    const toEntries = stage<RecordBatch, LogEntry>({
      transform(batch, controller) {
        for (const entry of batch) controller.enqueue(entry)
      },
    })
    return pipe(this.replayBatches({ ...options, lend: false }), toEntries)
  }

  replayBatches(options: ReplayBatchesOptions = {}): ReadableStream<RecordBatch> {
    checkReplayOptions(options)
    return new ReadableStream(new ReplaySource(this, { ...options }), { highWaterMark: 0 })
  }

  async tail(): Promise<Offset> {
    const refusal = this.refusal()
    if (refusal !== undefined) throw refusal
    return reading(() => this.backend.tail())
  }

  async start(): Promise<Offset> {
    const refusal = this.refusal()
    if (refusal !== undefined) throw refusal
    return reading(() => this.backend.start())
  }

  async trim(before: Offset): Promise<void> {
    const to = toOffset(before)
    this.#checkChange("trim", this.supports.trim)
    await this.#change(async () => {
      const tail = await reading(() => this.backend.tail())
      if (to > tail) throw pastTail("trim before", to, tail)
      await this.committer.between(async () => {
        if (to > (await this.backend.start())) await this.backend.trim(to)
      })
    })
  }

  async seal(): Promise<Offset> {
    this.#checkChange("seal", this.supports.seal)
    this.#sealing ??= this.#seal()
    try {
      return await this.#sealing
    } catch (error) {
      this.#sealing = undefined
      throw error
    }
  }

  async sealed(): Promise<boolean> {
    const refusal = this.refusal()
    if (refusal !== undefined) throw refusal
    return this.supports.seal && reading(() => this.backend.sealed())
  }

  async fork(at: Offset, name: string): Promise<Log> {
    const to = toOffset(at)
    this.#checkChange("fork", this.supports.fork !== false)
    return this.#change(async () => {
      const [start, tail] = await reading(async () => [
        await this.backend.start(),
        await this.backend.tail(),
      ])
      if (to > tail) throw pastTail("fork at", to, tail)
      if (to < start) throw trimmed("fork at", to, start)
      const fork = await attempt(`fork the log to ${name}`, () => this.backend.fork(to, name))
      if (!(fork instanceof LogError)) return openLog(fork)
      // A name that is none is no fault of the storage.
      const { cause } = fork
      throw cause instanceof TypeError || cause instanceof RangeError ? cause : fork
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  refusal(): LogError | undefined {
    return this.#closing === undefined ? undefined : closed()
  }

  appendRefusal(): LogError | undefined {
    if (this.backend.supports.append) return this.refusal()
    return new LogError("READ_ONLY", "Cannot append: the log was opened for reading")
  }

  opened(user: LogUser): void {
    this.#users.add(user)
  }

  finished(user: LogUser): void {
    this.#users.delete(user)
  }

  #checkChange(action: string, isSupported: boolean): void {
    const refusal = this.appendRefusal()
    if (refusal !== undefined) throw refusal
    if (!isSupported) throw unsupported(action)
  }

  async #change<T>(act: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(act)
    this.#changing = changed.catch(() => {
      // It is told to who has asked for it.
    })
    return changed
  }

  async #seal(): Promise<Offset> {
    this.committer.end(sealing())
    try {
      await this.committer.idle()
      const isSealed = await reading(() => this.backend.sealed())
      if (!isSealed) await this.committer.between(() => this.backend.seal())
      const tail = await reading(() => this.backend.tail())
      this.committer.end(logSealed(tail))
      this.tailSignal.wake()
      return tail
    } catch (error) {
      this.committer.end(undefined)
      throw error
    }
  }

  async #close(): Promise<void> {
    await this.#changing
    // What it fails with is told to who has asked for it.
    await this.#sealing?.catch(() => {})
    await this.committer.idle()
    this.#unwatch()
    for (const user of this.#users) user.failed(closed())
    await this.backend.close()
  }
}

/** A replay or a pipe, which ends with its log. */
interface LogUser {
  failed(error: LogError): void
}

function unsupported(action: string): LogError {
  return new LogError("UNSUPPORTED", `Cannot ${action}: this log can not; see its supports`)
}

function pastTail(action: string, offset: Offset, tail: Offset): LogError {
  return new LogError(
    "OFFSET_OUT_OF_RANGE",
    `Cannot ${action} offset ${offset}: the log's tail is ${tail}; go there at most`,
    { offset },
  )
}

function sealing(): LogError {
  return new LogError(
    "SEALED",
    "Cannot append: the log is being sealed; append to another, or to a fork of it",
  )
}

function closed(): LogError {
  return new LogError("CLOSED", "Cannot use the log: it was closed; open it again")
}
