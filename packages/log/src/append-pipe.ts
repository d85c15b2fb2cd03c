import type { Committer } from "./committer.ts"
import { toLevel } from "./level.ts"
import type { Ack, AppendInput, AppendOptions, Level, Log } from "./log.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import { type ProducerBatch, toProducerBatch } from "./producer.ts"

const MAX_PENDING_BYTES = 1_048_576
const MAX_UNREAD_ACKS = 4_096

/** The checked options of one pipe. */
export interface PipeLimits {
  readonly maxPendingBytes: number
  readonly maxUnreadAcks: number
  readonly expectedTail: Offset | undefined
  readonly producer: ProducerBatch | undefined
  readonly level: Level
}

/** Where a pipe gets leave to accept. */
export interface PipeHost {
  readonly committer: Committer
  /** Why nothing is accepted any more, if so. */
  appendRefusal(): LogError | undefined
  /** The pipe takes part in the log's close until it has finished. */
  opened(pipe: AppendPipe): void
  finished(pipe: AppendPipe): void
}

/**
 * @throws {RangeError} when a limit is not a whole number from 1 on, or a producer is none.
 * @throws {TypeError} when there are both an expected tail and a producer.
 * @throws {LogError} `UNSUPPORTED` when the log can not do what is asked.
 */
export function toPipeLimits(
  options: AppendOptions,
  log: Pick<Log, "level" | "supports">,
): PipeLimits {
  const { maxPendingBytes = MAX_PENDING_BYTES, maxUnreadAcks = MAX_UNREAD_ACKS } = options
  checkLimit("maxPendingBytes", maxPendingBytes)
  checkLimit("maxUnreadAcks", maxUnreadAcks)
  const { expectedTail, producer } = options
  if (expectedTail !== undefined && producer !== undefined) {
    throw new TypeError("Cannot append with both expectedTail and producer: give one of them")
  }
  if (producer !== undefined && log.supports.append && !log.supports.producers) {
    throw new LogError(
      "UNSUPPORTED",
      "Cannot append as a producer: this log knows none, and would store twice what is sent twice; append without",
    )
  }
  return {
    maxPendingBytes,
    maxUnreadAcks,
    expectedTail: expectedTail === undefined ? undefined : toOffset(expectedTail),
    producer: producer === undefined ? undefined : toProducerBatch(producer),
    level: toLevel(options.level, log.level),
  }
}

function checkLimit(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new RangeError(`Cannot append with ${name} ${value}: want a whole number from 1 on`)
}

/** Where the acknowledgements of a pipe go. Nothing is given after an end. */
export interface AckSink {
  /** Whether as many acknowledgements were given and not taken. */
  isAtLeast(count: number): boolean
  /** Asks for a `resume` when all that was given has been taken. */
  watch(): void
  give(ack: Ack): void
  /** No acknowledgement follows. */
  close(): void
  /** Errors after what was given before has been taken. */
  fail(reason: unknown): void
  /** Errors at once; what was given and not taken is lost. */
  discard(reason: unknown): void
}

type PipeState =
  | { readonly state: "open" }
  | { readonly state: "closing"; readonly done: PromiseWithResolvers<void> }
  | { readonly state: "failed"; readonly reason: unknown }

function next(batch: ProducerBatch): ProducerBatch {
  return { ...batch, sequence: batch.sequence + 1 }
}

/** The sink of one pipe: counts what is accepted and unsettled, and makes its producer wait. */
export class AppendPipe implements UnderlyingSink<AppendInput> {
  readonly #host: PipeHost
  readonly #limits: PipeLimits
  readonly #acks: AckSink
  #controller: WritableStreamDefaultController | undefined
  #state: PipeState = { state: "open" }
  /** Set until the first chunk is stored: nothing may be accepted behind one that may be refused. */
  #expectedTail: Offset | undefined
  /** The producer of the next chunk. */
  #producer: ProducerBatch | undefined
  #chunks = 0
  #bytes = 0
  #room: PromiseWithResolvers<void> | undefined

  constructor(host: PipeHost, limits: PipeLimits, acks: AckSink) {
    this.#host = host
    this.#limits = limits
    this.#acks = acks
    this.#expectedTail = limits.expectedTail
    this.#producer = limits.producer
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller
    this.#host.opened(this)
    // abort() waits for a write under way, and a write may be waiting for room.
    controller.signal.addEventListener("abort", () => this.#release(), { once: true })
  }

  write(chunk: AppendInput): Promise<void> | undefined {
    try {
      const refusal = this.#host.appendRefusal()
      if (refusal !== undefined) throw refusal
      const { byteLength } = this.#host.committer.accept(chunk, this, {
        expectedTail: this.#expectedTail,
        producer: this.#producer,
        level: this.#limits.level,
      })
      if (this.#producer !== undefined) this.#producer = next(this.#producer)
      this.#chunks++
      this.#bytes += byteLength
    } catch (reason) {
      this.#fail(reason)
      throw reason
    }
    if (!this.#isFull()) return undefined
    this.#room = Promise.withResolvers()
    this.#acks.watch()
    return this.#room.promise
  }

  close(): Promise<void> | undefined {
    if (this.#chunks === 0) {
      this.#finish()
      return undefined
    }
    const done = Promise.withResolvers<void>()
    this.#state = { state: "closing", done }
    return done.promise
  }

  abort(reason: unknown): void {
    this.#state = { state: "failed", reason }
    this.#acks.discard(reason)
    this.#host.finished(this)
  }

  settled(ack: Ack, byteLength: number): void {
    if (this.#chunks === 0) return
    this.#chunks--
    this.#bytes -= byteLength
    this.#expectedTail = undefined
    this.#acks.give(ack)
    this.resume()
    if (this.#chunks > 0) return
    if (this.#state.state === "closing") {
      this.#finish()
      this.#state.done.resolve()
    } else if (this.#state.state === "failed") {
      this.#acks.fail(this.#state.reason)
    }
  }

  failed(error: LogError): void {
    this.#chunks = 0
    this.#bytes = 0
    if (this.#state.state === "closing") this.#state.done.reject(error)
    this.#controller?.error(error)
    this.#room?.reject(error)
    this.#room = undefined
    const reason = this.#state.state === "failed" ? this.#state.reason : error
    this.#state = { state: "failed", reason }
    this.#acks.fail(reason)
    this.#host.finished(this)
  }

  /** Lets a waiting write go on when there is room. */
  resume(): void {
    if (this.#room !== undefined && !this.#isFull()) this.#release()
  }

  /** The consumer of the acknowledgements has gone, and with it the reason to accept more. */
  cancel(reason: unknown): void {
    this.#state = { state: "failed", reason }
    this.#controller?.error(reason)
    this.#release()
    this.#host.finished(this)
  }

  #finish(): void {
    this.#acks.close()
    this.#host.finished(this)
  }

  #fail(reason: unknown): void {
    this.#state = { state: "failed", reason }
    if (this.#chunks === 0) this.#acks.fail(reason)
    this.#host.finished(this)
  }

  #isFull(): boolean {
    const { maxPendingBytes, maxUnreadAcks } = this.#limits
    if (this.#expectedTail !== undefined) return true
    return this.#bytes >= maxPendingBytes || this.#acks.isAtLeast(maxUnreadAcks - this.#chunks)
  }

  #release(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
