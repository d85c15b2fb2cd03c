import { isBytes } from "@bellmouth/core"
import type { AppendInput, Framing, Level } from "./log.ts"
import type { Commit, CommitRun } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import type { Offset } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"

const LF = 0x0a
const SIZE_BYTES = 4
const FIRST_BYTES = 16_384
/** About what storage takes to tell a run, and a producer, from the next. */
const RUN_BYTES = 16

interface Run {
  framing: Framing
  batches: number
  count: number
  byteLength: number
  producer: ProducerBatch | undefined
}

/** What a chunk came to in a commit. */
export interface Added {
  readonly count: number
  readonly byteLength: number
}

/** Collects chunks, framed as they will be stored, until they are committed together. */
export class CommitBuilder {
  #bytes: Uint8Array
  #length = 0
  #tableBytes = 0
  #count = 0
  #runs: Run[] = []

  constructor(capacity: number = FIRST_BYTES) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** How many bytes its buffer has; it grows when they are not enough. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** How many bytes have been collected, and about as many as say how they were sent. */
  get byteLength(): number {
    return this.#length + this.#tableBytes
  }

  /**
   * Copies a chunk in.
   *
   * @throws {TypeError} when it is none of {@link AppendInput}.
   * @throws {LogError} `RECORD_TOO_LARGE` or `BATCH_TOO_LARGE`; nothing was taken.
   */
  add(chunk: AppendInput, maxBatchBytes: number, producer?: ProducerBatch): Added {
    if (isBytes(chunk)) return this.#addRecord(chunk, maxBatchBytes, producer)
    if (Array.isArray(chunk)) return this.#addBatch(chunk, maxBatchBytes, producer)
    if (isEntry(chunk)) return this.#addRecord(chunk.data, maxBatchBytes, producer)
    throw new TypeError(
      `Cannot append ${describe(chunk)}: want a Uint8Array, an array of them, or an entry of a log`,
    )
  }

  /** What has been collected, lent until `reset`. */
  build(expectedTail: Offset | undefined, level: Level): Commit {
    const runs: readonly CommitRun[] = this.#runs
    const bytes = this.#bytes.subarray(0, this.#length)
    return { count: this.#count, runs, bytes, expectedTail, level }
  }

  /** Empties the builder, and keeps its buffer. */
  reset(): void {
    this.#length = 0
    this.#tableBytes = 0
    this.#count = 0
    this.#runs = []
  }

  #addRecord(record: Uint8Array, maxBatchBytes: number, producer?: ProducerBatch): Added {
    const framing = record.includes(LF) ? "sized" : "lines"
    const byteLength = record.length + (framing === "sized" ? SIZE_BYTES : 1)
    if (byteLength > maxBatchBytes) throw tooLarge(1, byteLength, maxBatchBytes)
    this.#reserve(byteLength)
    this.#put(record, framing)
    this.#extend(framing, 1, byteLength, producer)
    return { count: 1, byteLength }
  }

  #addBatch(records: readonly unknown[], maxBatchBytes: number, producer?: ProducerBatch): Added {
    if (records.length === 0)
      throw new TypeError("Cannot append a batch of no records: want one at least")
    let framing: Framing = "lines"
    let size = 0
    for (const record of records) {
      if (!isBytes(record)) {
        throw new TypeError(
          `Cannot append a batch with ${describe(record)} in it: want Uint8Arrays`,
        )
      }
      // It throws for one that was transferred: when others of the batch are in, it would be too late.
      if (record.length === 0) record.subarray()
      if (framing === "lines" && record.includes(LF)) framing = "sized"
      size += record.length
    }
    const byteLength = size + records.length * (framing === "sized" ? SIZE_BYTES : 1)
    if (byteLength > maxBatchBytes) throw tooLarge(records.length, byteLength, maxBatchBytes)
    this.#reserve(byteLength)
    for (const record of records) if (isBytes(record)) this.#put(record, framing)
    this.#extend(framing, records.length, byteLength, producer)
    return { count: records.length, byteLength }
  }

  #put(record: Uint8Array, framing: Framing): void {
    const bytes = this.#bytes
    let at = this.#length
    if (framing === "sized") {
      const size = record.length
      bytes[at++] = size >>> 24
      bytes[at++] = size >>> 16
      bytes[at++] = size >>> 8
      bytes[at++] = size
    }
    bytes.set(record, at)
    at += record.length
    if (framing === "lines") bytes[at++] = LF
    this.#length = at
  }

  #extend(framing: Framing, count: number, byteLength: number, producer?: ProducerBatch): void {
    this.#count += count
    const last = this.#runs.at(-1)
    if (last?.framing === framing && last.count === count && goesOn(last, producer)) {
      last.batches++
      last.byteLength += byteLength
    } else {
      this.#runs.push({ framing, batches: 1, count, byteLength, producer })
      this.#tableBytes += RUN_BYTES + (producer === undefined ? 0 : RUN_BYTES + producer.id.length)
    }
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/** Whether a batch of `producer` is the next one of a run. */
function goesOn({ producer: first, batches }: Run, producer: ProducerBatch | undefined): boolean {
  if (first === undefined || producer === undefined) return first === producer
  const { id, epoch, sequence } = producer
  return first.id === id && first.epoch === epoch && first.sequence + batches === sequence
}

function isEntry(chunk: unknown): chunk is { readonly data: Uint8Array } {
  return typeof chunk === "object" && chunk !== null && "data" in chunk && isBytes(chunk.data)
}

function tooLarge(count: number, byteLength: number, limit: number): LogError {
  const state = `it takes ${byteLength} bytes with its framing, and maxBatchBytes is ${limit}`
  return count === 1
    ? new LogError("RECORD_TOO_LARGE", `Cannot append the record: ${state}`)
    : new LogError("BATCH_TOO_LARGE", `Cannot append the batch of ${count} records: ${state}`)
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === "object"
    ? `an object of ${value.constructor?.name ?? "no class"}`
    : `a ${typeof value}`
}
