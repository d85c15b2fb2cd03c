import { checkBytes } from "../bytes/check-bytes.ts"
import { concatBytes } from "../bytes/concat-bytes.ts"
import { StreamError } from "../stream-error.ts"
import { forEach } from "./for-each.ts"

/** Options of {@link collectBytes} and {@link collectText}. */
export interface CollectOptions {
  /** The most bytes; one more cancels the readable and rejects. Default 64 MiB (67,108,864). */
  readonly maxBytes?: number
  /** Aborting it cancels the readable; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

/**
 * Collects a stream of bytes into one new array. Chunks are copied once, at the end.
 *
 * @throws {RangeError} when `maxBytes` is not 0 or more.
 * @throws {StreamError} `LIMIT_EXCEEDED` when more than `maxBytes` come.
 * @throws {TypeError} when a chunk is not a `Uint8Array`.
 *
 * @example The bytes of a blob
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectBytes } from "@bellmouth/core"
 *
 * assert.deepEqual(await collectBytes(new Blob(["ab"]).stream()), new Uint8Array([97, 98]))
 * ```
 */
export async function collectBytes(
  readable: ReadableStream<Uint8Array>,
  options: CollectOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes = DEFAULT_MAX_BYTES, ...rest } = options
  if (!(maxBytes >= 0)) throw new RangeError(`Cannot collect ${maxBytes} bytes: want 0 or more`)
  const chunks: Uint8Array[] = []
  let length = 0
  await forEach(
    readable,
    (chunk) => {
      checkBytes("collect bytes", chunk)
      length += chunk.length
      if (length > maxBytes) {
        throw new StreamError("LIMIT_EXCEEDED", `Cannot collect: more than ${maxBytes} bytes came`)
      }
      chunks.push(chunk)
    },
    rest,
  )
  return concatBytes(chunks)
}

/**
 * Collects a stream of bytes as UTF-8 text; one leading byte order mark is left out.
 *
 * @throws {RangeError} when `maxBytes` is not 0 or more.
 * @throws {StreamError} `LIMIT_EXCEEDED` when more than `maxBytes` come.
 * @throws {TypeError} when the bytes are not valid UTF-8, or a chunk is not a `Uint8Array`.
 *
 * @example The text of a blob
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText } from "@bellmouth/core"
 *
 * assert.equal(await collectText(new Blob(["ab"]).stream()), "ab")
 * ```
 */
export async function collectText(
  readable: ReadableStream<Uint8Array>,
  options: CollectOptions = {},
): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await collectBytes(readable, options))
}
