import { seededRandom } from "./random.ts"

/**
 * How inputs may be cut without changing the result: as bytes (`Uint8Array`), as text (UTF-16 code
 * units), or by a function that gives other chunkings of the same inputs.
 */
export type Splits<I> = "bytes" | "text" | ((inputs: readonly I[]) => Iterable<readonly I[]>)

/** One way to cut an input, and how to name it in a report. */
export interface Chunking<T> {
  readonly name: string
  readonly chunks: readonly T[]
}

/** What the chunkings of bytes and of text are bounded by. */
export interface ChunkingOptions {
  /** Seeds the random cuts. Default 1. */
  readonly seed?: number
  /** How many random chunkings there are. Default 32. */
  readonly runs?: number
  /** The most two-way splits: a longer input gets this many, evenly spread. Default 512. */
  readonly maxSplits?: number
}

/**
 * Gives the chunkings that a byte transform must not notice: whole, every two-way split, one byte at
 * a time, with empty chunks between, as views into a larger buffer, and seeded random cuts.
 *
 * Each chunk is a fresh copy, which the taker may keep or transfer.
 *
 * @example Every chunking adds up to the same bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { byteChunkings } from "@bellmouth/core/testing"
 *
 * const bytes = new TextEncoder().encode("a\u20acb")
 * for (const { chunks } of byteChunkings(bytes)) {
 *   assert.deepEqual(chunks.flatMap((chunk) => [...chunk]), [...bytes])
 * }
 * ```
 */
export function* byteChunkings(
  bytes: Uint8Array,
  options: ChunkingOptions = {},
): Generator<Chunking<Uint8Array>> {
  const cut = (from: number, to: number): Uint8Array => bytes.slice(from, to)
  yield* chunkings(bytes.length, cut, options)
  const wide = new Uint8Array(bytes.length + 6).fill(0x0a)
  wide.set(bytes, 3)
  yield { name: "a view into a larger buffer", chunks: [wide.subarray(3, 3 + bytes.length)] }
}

/**
 * Gives the chunkings that a text transform must not notice, as {@link byteChunkings} does for
 * bytes. Cuts may fall within a surrogate pair.
 *
 * @example Every chunking adds up to the same text
 * ```ts
 * import assert from "node:assert/strict"
 * import { textChunkings } from "@bellmouth/core/testing"
 *
 * for (const { chunks } of textChunkings("one\ntwo")) assert.equal(chunks.join(""), "one\ntwo")
 * ```
 */
export function* textChunkings(
  text: string,
  options: ChunkingOptions = {},
): Generator<Chunking<string>> {
  yield* chunkings(text.length, (from, to) => text.slice(from, to), options)
}

function* chunkings<T>(
  length: number,
  cut: (from: number, to: number) => T,
  { seed = 1, runs = 32, maxSplits = 512 }: ChunkingOptions,
): Generator<Chunking<T>> {
  const empty = (): T => cut(0, 0)
  const at = (cuts: readonly number[]): T[] =>
    [...cuts, length].map((end, index) => cut(cuts[index - 1] ?? 0, end))
  const singles = Array.from({ length }, (_, index) => cut(index, index + 1))
  yield { name: "whole", chunks: [cut(0, length)] }
  yield { name: "one unit at a time", chunks: singles }
  yield {
    name: "one unit at a time, empty chunks between",
    chunks: [empty(), ...singles.flatMap((single) => [single, empty(), empty()])],
  }
  const splits = Math.min(length + 1, maxSplits)
  for (let index = 0; index < splits; index++) {
    const place = splits === 1 ? 0 : Math.round((index * length) / (splits - 1))
    yield { name: `split at ${place}`, chunks: at([place]) }
  }
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(seed + run)
    const cuts = Array.from({ length: random(8) + 2 }, () => random(length + 1))
    yield {
      name: `random cuts, seed ${seed + run}`,
      chunks: at(cuts.sort((one, other) => one - other)),
    }
  }
}
