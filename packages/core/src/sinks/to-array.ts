import { StreamError } from "../stream-error.ts"
import { forEach } from "./for-each.ts"

/** Options of {@link toArray}. */
export interface ToArrayOptions {
  /** The most chunks; one more cancels the readable and rejects. Default: no limit. */
  readonly maxChunks?: number
  /** Aborting it cancels the readable; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Collects every chunk of a readable.
 *
 * @throws {RangeError} when `maxChunks` is not 0 or more.
 * @throws {StreamError} `LIMIT_EXCEEDED` when more than `maxChunks` come; else what the readable fails with.
 *
 * @example All chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(from([1, 2])), [1, 2])
 * ```
 */
export async function toArray<T>(
  readable: ReadableStream<T>,
  options: ToArrayOptions = {},
): Promise<T[]> {
  const { maxChunks = Number.POSITIVE_INFINITY, ...rest } = options
  if (!(maxChunks >= 0)) throw new RangeError(`Cannot collect ${maxChunks} chunks: want 0 or more`)
  const chunks: T[] = []
  await forEach(
    readable,
    (chunk) => {
      if (chunks.length >= maxChunks) {
        throw new StreamError(
          "LIMIT_EXCEEDED",
          `Cannot collect: more than ${maxChunks} chunks came`,
        )
      }
      chunks.push(chunk)
    },
    rest,
  )
  return chunks
}
