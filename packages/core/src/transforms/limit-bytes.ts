import { checkCount } from "../check-count.ts"
import { type Stage, stage } from "../stage/stage.ts"
import { StreamError } from "../stream-error.ts"

/**
 * Makes a stage that passes at most `maxBytes` bytes, over the whole stream, and fails when more
 * come: a body of unknown length that must stay within bounds.
 *
 * The first `maxBytes` bytes are delivered, whatever the chunks they came in; then the error. The
 * source is cancelled with it.
 *
 * @throws {RangeError} when `maxBytes` is not a whole number from 0 on.
 * @throws {StreamError} `LIMIT_EXCEEDED` at the reader.
 *
 * @example At most four bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectBytes, limitBytes, StreamError } from "@bellmouth/core"
 *
 * const body = new Blob(["12345"]).stream().pipeThrough(limitBytes(4))
 * const error = await collectBytes(body).catch((error) => error)
 * assert(error instanceof StreamError)
 * assert.equal(error.code, "LIMIT_EXCEEDED")
 * ```
 */
export function limitBytes(maxBytes: number): Stage<Uint8Array, Uint8Array> {
  checkCount("limit bytes to", maxBytes)
  let left = maxBytes
  return stage({
    transform(chunk, controller) {
      if (chunk.byteLength <= left) {
        left -= chunk.byteLength
        controller.enqueue(chunk)
        return
      }
      if (left > 0) controller.enqueue(chunk.subarray(0, left))
      left = 0
      const message = `Cannot pass more bytes: the limit is ${maxBytes} and more came`
      controller.error(new StreamError("LIMIT_EXCEEDED", message))
    },
  })
}
