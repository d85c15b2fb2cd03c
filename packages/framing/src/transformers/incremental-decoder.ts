/**
 * A pure incremental decoder: bytes go in as they come, values come out through `emit`.
 *
 * What is emitted does not depend on how the bytes were cut into chunks. A decoder does not keep
 * the chunk: the caller may reuse its memory once `push` has returned. After a throw it is spent.
 * Memory that is shared or resizable is a `TypeError` where the platform's `TextDecoder` refuses it,
 * as browsers do: copy it first.
 *
 * @example Write a function over any decoder of this package
 * ```ts
 * import assert from "node:assert/strict"
 * import { type IncrementalDecoder, NdjsonDecoder } from "@bellmouth/framing"
 *
 * function count(decoder: IncrementalDecoder<unknown>, chunks: Uint8Array[]): number {
 *   let values = 0
 *   for (const chunk of chunks) decoder.push(chunk, () => values++)
 *   decoder.finish(() => values++)
 *   return values
 * }
 *
 * const chunks = ["1\n2", "\n3"].map((text) => new TextEncoder().encode(text))
 * assert.equal(count(new NdjsonDecoder(), chunks), 3)
 * ```
 */
export interface IncrementalDecoder<T> {
  /** Takes one chunk and emits every value that is complete. */
  push(chunk: Uint8Array, emit: (value: T) => void): void
  /** Says that no chunk follows: emits or refuses what is left. */
  finish(emit: (value: T) => void): void
}

/** How values come out. Whoever collects them may take `all` of an array, which is theirs, at once. */
export interface Emit<T> {
  (value: T): void
  all?(values: T[]): void
}
