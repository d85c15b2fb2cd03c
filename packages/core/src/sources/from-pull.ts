import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { type PullSource, SourceInput } from "../engine/source-input.ts"

/**
 * Makes a readable of a pull source, in the shape of the standard's underlying source.
 *
 * `pull` is called only when a consumer wants chunks. What it enqueues beyond that is kept. Chunks
 * enqueued before `error` are delivered before it. Calls after the end do nothing, so a source may
 * be told late that its consumer is gone.
 *
 * @throws what `source.start` throws.
 *
 * @example A counter
 * ```ts
 * import assert from "node:assert/strict"
 * import { fromPull, toArray } from "@bellmouth/core"
 *
 * let count = 0
 * const numbers = fromPull<number>({
 *   pull(controller) {
 *     if (count < 3) controller.enqueue(count++)
 *     else controller.close()
 *   },
 * })
 * assert.deepEqual(await toArray(numbers), [0, 1, 2])
 * ```
 */
export function fromPull<T>(source: PullSource<T>): ReadableStream<T> {
  const engine = new Engine()
  const readable = new EngineReadable<T>(engine)
  engine.connectInput(new SourceInput(engine, source))
  return readable
}
