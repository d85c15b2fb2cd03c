import { EngineLoop } from "../engine/engine-loop.ts"
import { EngineReadable } from "../engine/engine-readable.ts"

/** Options of {@link forEach}. */
export interface ForEachOptions {
  /** Aborting it cancels the readable; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Calls `consume(chunk, index)` for each chunk and resolves when the readable has closed.
 *
 * A promise that `consume` returns is awaited before the next chunk is asked for. Over streams of
 * this package there is no promise per chunk. A long synchronous run lets timers and I/O have a turn
 * every few milliseconds. The readable is locked meanwhile.
 *
 * @throws what the readable fails with; or what `consume` throws, after cancelling the readable with it.
 *
 * @example Summing up
 * ```ts
 * import assert from "node:assert/strict"
 * import { forEach, from } from "@bellmouth/core"
 *
 * let sum = 0
 * await forEach(from([1, 2, 3]), (n) => {
 *   sum += n
 * })
 * assert.equal(sum, 6)
 * ```
 */
export async function forEach<T>(
  readable: ReadableStream<T>,
  consume: (chunk: T, index: number) => void | PromiseLike<void>,
  options: ForEachOptions = {},
): Promise<void> {
  const { signal } = options
  signal?.throwIfAborted()
  const handover = EngineReadable.takeOver(readable)
  if (handover !== undefined) return new EngineLoop(handover, consume, signal).finished
  const reader = readable.getReader()
  const onAbort = (): void => {
    // What cancelling throws comes second: the caller learns the signal's reason.
    reader.cancel(signal?.reason).catch(() => {})
  }
  signal?.addEventListener("abort", onAbort, { once: true })
  try {
    await readEach(reader, consume, signal)
  } finally {
    signal?.removeEventListener("abort", onAbort)
    reader.releaseLock()
  }
}

async function readEach<T>(
  reader: ReadableStreamDefaultReader<T>,
  consume: (chunk: T, index: number) => void | PromiseLike<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let index = 0; ; index++) {
    const result = await reader.read()
    signal?.throwIfAborted()
    if (result.done) return
    try {
      await consume(result.value, index)
    } catch (error) {
      await reader.cancel(error).catch(() => {}) // comes second, as above
      throw error
    }
  }
}
