import { cancelAll, lockAll } from "./fan-in.ts"
import { fromPull } from "./from-pull.ts"

/**
 * Makes one readable of several, one after the other. It takes ownership of them.
 *
 * A readable is asked for chunks only when those before it have closed, and only as the consumer
 * asks; nothing is held. Cancelling reaches every one that has not closed, those whose turn has not
 * come too, with the same reason. If one fails, the others are cancelled with its error.
 *
 * @throws {TypeError} when one of them is locked.
 *
 * @example A head before a body
 * ```ts
 * import assert from "node:assert/strict"
 * import { concat, from, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(concat(from([1]), from([2, 3]))), [1, 2, 3])
 * ```
 */
export function concat<T>(...readables: readonly ReadableStream<T>[]): ReadableStream<T> {
  const readers = lockAll(readables)
  const next = async (): Promise<ReadableStreamReadResult<T>> => {
    for (let reader = readers[0]; reader !== undefined; reader = readers[0]) {
      const result = await reader.read()
      if (!result.done) return result
      readers.shift()
    }
    return { done: true, value: undefined }
  }
  return fromPull({
    async pull(controller) {
      try {
        const result = await next()
        if (result.done) controller.close()
        else controller.enqueue(result.value)
      } catch (reason) {
        // The readers get `reason` first; what cancelling them throws comes second.
        cancelAll(readers.splice(0), reason).catch(() => {})
        throw reason
      }
    },
    cancel: (reason) => cancelAll(readers.splice(0), reason),
  })
}
