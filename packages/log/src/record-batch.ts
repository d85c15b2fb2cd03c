import type { Framing, LogEntry, RecordBatch } from "./log.ts"
import { type Offset, toOffset } from "./offset.ts"

const LF = 0x0a
const SIZE_BYTES = 4

/** The fields of a batch; `bytes` passes to the batch. */
export interface RecordBatchInit {
  readonly offset: Offset
  readonly count: number
  readonly framing: Framing
  readonly bytes: Uint8Array
  /** Where in `bytes` each record ends, with its framing; when it is not known, it is looked for. */
  readonly ends?: readonly number[] | undefined
}

/**
 * Makes a batch of framed bytes, as a backend has stored them. It trusts `count`, `framing` and `ends`.
 *
 * @example Take the entries of a batch of lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { START, toRecordBatch } from "@bellmouth/log"
 *
 * const bytes = new TextEncoder().encode("one\ntwo\n")
 * const batch = toRecordBatch({ offset: START, count: 2, framing: "lines", bytes })
 * const records = Array.from(batch, (entry) => new TextDecoder().decode(entry.data))
 * assert.deepEqual(records, ["one", "two"])
 * ```
 */
export function toRecordBatch(init: RecordBatchInit): RecordBatch {
  return new FramedBatch(init)
}

/** The part of a batch with offsets from `from` on and before `until`; undefined when it is empty. */
export function sliceBatch(
  batch: RecordBatch,
  from: number,
  until: number,
): RecordBatch | undefined {
  const skip = Math.max(0, from - batch.offset)
  const take = Math.min(batch.count, until - batch.offset) - skip
  if (take <= 0) return undefined
  if (take === batch.count) return batch
  const begin = position(batch.bytes, batch.framing, 0, skip)
  const end =
    skip + take === batch.count
      ? batch.bytes.length
      : position(batch.bytes, batch.framing, begin, take)
  return new FramedBatch({
    offset: toOffset(batch.offset + skip),
    count: take,
    framing: batch.framing,
    bytes: batch.bytes.subarray(begin, end),
  })
}

class FramedBatch implements RecordBatch {
  readonly offset: Offset
  readonly count: number
  readonly framing: Framing
  readonly bytes: Uint8Array
  readonly #ends: readonly number[] | undefined

  constructor(init: RecordBatchInit) {
    this.offset = init.offset
    this.count = init.count
    this.framing = init.framing
    this.bytes = init.bytes
    this.#ends = init.ends
  }

  *[Symbol.iterator](): IterableIterator<LogEntry> {
    const { bytes, count, framing } = this
    const prefix = framing === "sized" ? SIZE_BYTES : 0
    const suffix = framing === "lines" ? 1 : 0
    let at = 0
    for (let index = 0; index < count; index++) {
      const next = this.#ends?.[index] ?? position(bytes, framing, at, 1)
      const data = bytes.subarray(at + prefix, next - suffix)
      yield { offset: toOffset(this.offset + index), data }
      at = next
    }
  }
}

/** Where in `bytes` the record that is `skip` records after the one at `at` begins. */
function position(bytes: Uint8Array, framing: Framing, at: number, skip: number): number {
  let next = at
  for (let index = 0; index < skip; index++) {
    next = framing === "lines" ? bytes.indexOf(LF, next) + 1 : next + SIZE_BYTES + size(bytes, next)
  }
  return next
}

function size(bytes: Uint8Array, at: number): number {
  // DataView objects cost more than the four reads.
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
