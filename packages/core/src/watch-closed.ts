import { EngineReadable } from "./engine/engine-readable.ts"
import type { SyncTransformer } from "./engine/sync-transformer.ts"
import { pipe } from "./stage/pipe.ts"
import { type Stage, stage } from "./stage/stage.ts"

/** How a stream came to its end. */
export type StreamEnd =
  | { readonly type: "closed" }
  /** Cancelled by its consumer, aborted by its producer, or failed. */
  | { readonly type: "ended-early"; readonly reason: unknown }

/** A stream that is free to be used, and the news of its end. */
export interface WatchedStream<S> {
  /** To be used from now on; nobody holds its lock. */
  readonly stream: S
  /** Fulfils, and never rejects, once the stream is over, whoever uses it and however it ends. */
  readonly ended: Promise<StreamEnd>
}

/**
 * Tells when a stream is over, without holding the lock that its consumer or producer needs.
 *
 * The standard tells of a stream's end only to whoever holds its lock (`reader.closed`, and only
 * until `releaseLock()`). So it depends on the stream:
 *
 * - A readable of this package that nothing has been read from: `stream` is that same readable,
 *   still unlocked, and still able to fuse. The watch is one more stage in its engine.
 * - Any other readable: it is locked now, as by a pipe; `stream` is a readable over it that reads one
 *   chunk for each that is asked for, and passes cancel, close and error on.
 * - A writable: it is locked now; `stream` is a writable over it that takes one chunk more, and
 *   passes close, abort and errors on.
 *
 * A readable is over once its last chunk has been handed on and it closes, or as soon as it is
 * cancelled, aborted or fails; it is not over while chunks before its error or close are unread. A
 * writable is over once its sink has closed, or as soon as it has been aborted or has failed.
 *
 * @throws {TypeError} when the stream is locked.
 *
 * @example Knowing that a response has been read
 * ```ts
 * import assert from "node:assert/strict"
 * import { watchClosed } from "@bellmouth/core"
 *
 * const { stream, ended } = watchClosed(new Blob(["body"]).stream())
 * const response = new Response(stream)
 * assert.equal(await response.text(), "body")
 * assert.deepEqual(await ended, { type: "closed" })
 * ```
 */
export function watchClosed<T>(stream: ReadableStream<T>): WatchedStream<ReadableStream<T>>
export function watchClosed<T>(stream: WritableStream<T>): WatchedStream<WritableStream<T>>
export function watchClosed(
  stream: ReadableStream<unknown> | WritableStream<unknown>,
): WatchedStream<ReadableStream<unknown> | WritableStream<unknown>> {
  return stream instanceof WritableStream ? watchWritable(stream) : watchReadable(stream)
}

function watchReadable(readable: ReadableStream<unknown>): WatchedStream<ReadableStream<unknown>> {
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>()
  const watch: SyncTransformer<unknown, unknown> = {
    flush: () => resolve({ type: "closed" }),
    cancel: (reason) => resolve({ type: "ended-early", reason }),
  }
  const handover = EngineReadable.takeOver(readable)
  if (handover === undefined) {
    const watching: Stage<unknown, unknown> = stage(watch)
    return { stream: pipe(readable, watching), ended }
  }
  // The lock was needed only to see that nobody else has it.
  handover.reader.releaseLock()
  handover.engine.add(watch)
  return { stream: readable, ended }
}

function watchWritable(writable: WritableStream<unknown>): WatchedStream<WritableStream<unknown>> {
  const writer = writable.getWriter()
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>()
  const endEarly = (reason: unknown): void => resolve({ type: "ended-early", reason })
  writer.closed.then(() => resolve({ type: "closed" }), endEarly)
  const stream = new WritableStream<unknown>({
    start(controller) {
      writer.closed.catch((reason: unknown) => controller.error(reason))
      // At once, also while a write is in flight; what it throws is told by `abort` below.
      const onAbort = (): void => {
        endEarly(controller.signal.reason)
        writer.abort(controller.signal.reason).catch(() => {})
      }
      controller.signal?.addEventListener("abort", onAbort, { once: true })
    },
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  })
  return { stream, ended }
}
