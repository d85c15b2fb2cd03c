import { type FromPullIntoOptions, fromPullInto } from "./from-pull-into.ts"

/**
 * Makes a readable byte stream of bytes in memory. A BYOB reader gets them in its own buffer; others
 * in chunks of at most `autoAllocateChunkSize` bytes. They are copied as they are read, so nobody can
 * change or transfer `bytes` through the stream; do not change them meanwhile.
 *
 * @throws {RangeError} when autoAllocateChunkSize is not a whole number from 1 on.
 *
 * @example Two chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { fromBytes, toArray } from "@bellmouth/core"
 *
 * const chunks = await toArray(fromBytes(new Uint8Array(5), { autoAllocateChunkSize: 3 }))
 * assert.deepEqual(chunks.map((chunk) => chunk.length), [3, 2])
 * ```
 */
export function fromBytes(
  bytes: Uint8Array,
  options: FromPullIntoOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0
  return fromPullInto(
    {
      pullInto(view) {
        const part = bytes.subarray(offset, offset + view.byteLength)
        view.set(part)
        offset += part.byteLength
        return part.byteLength
      },
    },
    options,
  )
}
