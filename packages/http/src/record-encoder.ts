import type { Offset, RecordBatch } from "@bellmouth/log"

/**
 * One way to write records as a body: pure, incremental, bytes out.
 *
 * `encode` gives whole events or lines only, so that a body can stop after any chunk without
 * leaving a torn one, and what it gives belongs to the caller. Empty bytes mean "nothing to send".
 */
export interface RecordEncoder {
  readonly contentType: string
  /** What keeps an idle body alive. Empty when the format has nothing without a meaning. */
  readonly heartbeat: Uint8Array
  /** What comes before the first record, given the offset that the body begins at. */
  start(from: Offset): Uint8Array
  encode(batch: RecordBatch): Uint8Array
  /** What comes after the last record. */
  finish(): Uint8Array
}

/** The empty chunk. */
export const nothing: Uint8Array = new Uint8Array(0)
