import { isThenable } from "../is-thenable.ts"
import { type Stage, stage } from "../stage/stage.ts"

/** What a tap watches. All are called in stream order; none can disturb the stream. */
export interface TapOptions<T> {
  /** For each chunk, before it goes on. */
  readonly chunk?: (chunk: T, index: number) => unknown
  /** Once, when the input has ended. */
  readonly close?: () => unknown
  /** Once, when the stream ends early: cancelled, aborted or failed, with the reason. */
  readonly cancel?: (reason: unknown) => unknown
  /** For what one of the above throws or rejects with. Default: `console.error`. */
  readonly onError?: (error: unknown) => void
}

/**
 * Makes a stage that watches a stream without disturbing it: chunks pass as they are, and an error
 * of a callback goes to `onError`, never into the stream; nor does what `onError` throws.
 *
 * @example Counting what passes
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, tap, toArray } from "@bellmouth/core"
 *
 * let count = 0
 * await toArray(from(["a", "b"]).pipeThrough(tap({ chunk: () => count++ })))
 * assert.equal(count, 2)
 * ```
 */
export function tap<T>(options: TapOptions<T>): Stage<T, T> {
  const { onError = (error: unknown) => console.error(error) } = options
  const report = (error: unknown): void => {
    try {
      onError(error)
    } catch (second) {
      console.error(second)
    }
  }
  const watch = (look: () => unknown): void => {
    try {
      const result = look()
      if (isThenable(result)) result.then(undefined, report)
    } catch (error) {
      report(error)
    }
  }
  let index = 0
  return stage({
    transform(chunk, controller) {
      watch(() => options.chunk?.(chunk, index++))
      controller.enqueue(chunk)
    },
    flush() {
      watch(() => options.close?.())
    },
    cancel(reason) {
      watch(() => options.cancel?.(reason))
    },
  })
}
