import { checkBytes } from "../bytes/check-bytes.ts"
import { checkCount } from "../check-count.ts"
import { type Stage, stage } from "../stage/stage.ts"

/**
 * Makes a stage that cuts a stream of bytes anew, into chunks of exactly `bytes` bytes; the last
 * one may be shorter, and none is empty.
 *
 * It waits for a full chunk and holds at most one. A chunk that has the right size already passes as
 * it is; all others are copied, once, so that no two chunks share a buffer.
 *
 * @throws {TypeError} at the reader, when a chunk is not a `Uint8Array`.
 * @throws {RangeError} when `bytes` is not a whole number from 1 on.
 *
 * @example Blocks of four
 * ```ts
 * import assert from "node:assert/strict"
 * import { map, rechunk, toArray } from "@bellmouth/core"
 *
 * const blocks = new Blob(["abcdefghi"]).stream().pipeThrough(rechunk(4))
 * const text = new TextDecoder()
 * const words = blocks.pipeThrough(map((block) => text.decode(block)))
 * assert.deepEqual(await toArray(words), ["abcd", "efgh", "i"])
 * ```
 */
export function rechunk(bytes: number): Stage<Uint8Array, Uint8Array> {
  checkCount("cut into chunks of", bytes, 1)
  let block: Uint8Array | undefined
  let filled = 0
  return stage({
    transform(chunk, controller) {
      checkBytes("cut chunks", chunk)
      if (filled === 0 && chunk.byteLength === bytes) return controller.enqueue(chunk)
      for (let offset = 0; offset < chunk.byteLength; ) {
        const part = chunk.subarray(offset, offset + bytes - filled)
        block ??= new Uint8Array(bytes)
        block.set(part, filled)
        offset += part.byteLength
        filled += part.byteLength
        if (filled < bytes) return
        controller.enqueue(block)
        block = undefined
        filled = 0
      }
    },
    flush(controller) {
      if (block !== undefined) controller.enqueue(block.slice(0, filled))
      block = undefined
    },
    cancel() {
      block = undefined
    },
  })
}
