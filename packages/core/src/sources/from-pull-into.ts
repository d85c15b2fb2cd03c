import { checkCount } from "../check-count.ts"
import { isThenable } from "../is-thenable.ts"

/** A source of bytes that fills memory of its consumer: a file, a socket, an array. */
export interface PullIntoSource {
  /** Called once, at once. */
  start?(): void | PromiseLike<void>
  /**
   * Fills `view` from its beginning and gives how many bytes it wrote: 1 to `view.byteLength`, or 0
   * at the end. Not called again before it is done; `view` is its caller's again then.
   */
  pullInto(view: Uint8Array<ArrayBuffer>): number | PromiseLike<number>
  /** Called when the consumer gives up, with its reason, also while `pullInto` waits. */
  cancel?(reason: unknown): void | PromiseLike<void>
}

/** Options of {@link fromPullInto} and `fromBytes`. */
export interface FromPullIntoOptions {
  /** How many bytes are allocated for a consumer that brings no buffer. Default 64 KiB (65,536). */
  readonly autoAllocateChunkSize?: number
}

/**
 * Makes a readable byte stream (`type: "bytes"`) of a source that fills its consumer's buffer: a BYOB
 * reader gets its own memory back, with no copy between.
 *
 * Bytes are asked for only when a consumer waits. What `pullInto` throws fails the stream.
 *
 * @throws {RangeError} when autoAllocateChunkSize is not a whole number from 1 on; at the reader, and
 *   to `source.cancel`, when `pullInto` gives a number that is none of its choices.
 *
 * @see https://streams.spec.whatwg.org/#rbs-controller-private-pull
 *
 * @example Bytes into a buffer of one's own
 * ```ts
 * import assert from "node:assert/strict"
 * import { fromPullInto } from "@bellmouth/core"
 *
 * const ones = fromPullInto({ pullInto: (view) => view.fill(1).byteLength })
 * const reader = ones.getReader({ mode: "byob" })
 * const { value } = await reader.read(new Uint8Array(3))
 * assert.deepEqual(value, new Uint8Array([1, 1, 1]))
 * ```
 */
export function fromPullInto(
  source: PullIntoSource,
  options: FromPullIntoOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { autoAllocateChunkSize = 64 * 1024 } = options
  checkCount("allocate chunks of", autoAllocateChunkSize, 1)
  let isOver = false
  const answer = (
    controller: ReadableByteStreamController,
    request: ReadableStreamBYOBRequest,
    room: number,
    count: number,
  ): void => {
    if (isOver) return
    if (!(Number.isInteger(count) && count >= 0 && count <= room)) {
      const error = new RangeError(`Cannot pull into: ${count} bytes into a view of ${room}`)
      isOver = true
      const tell = async (): Promise<void> => source.cancel?.(error)
      // The source does not know that it failed. What it throws now comes second.
      tell().catch(() => {})
      throw error
    }
    if (count === 0) {
      isOver = true
      controller.close()
    }
    request.respond(count)
  }
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize,
    start: () => source.start?.(),
    pull(controller) {
      const request = controller.byobRequest
      if (!request?.view) throw new TypeError("Cannot pull into: the runtime gives no BYOB request")
      const { buffer, byteOffset, byteLength } = request.view
      const view = new Uint8Array(buffer, byteOffset, byteLength)
      const written = source.pullInto(view)
      if (!isThenable(written)) return answer(controller, request, byteLength, written)
      return Promise.resolve(written).then((n) => answer(controller, request, byteLength, n))
    },
    cancel(reason) {
      isOver = true
      return source.cancel?.(reason)
    },
  })
}
