import { checkPositive } from "../check-positive.ts"
import { type Stage, stage } from "../stage/stage.ts"
import { StreamError } from "../stream-error.ts"
import { type Clock, systemClock } from "../time/clock.ts"

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** Default: the runtime's own time and timers. */
  readonly clock?: Clock
}

/**
 * Makes a stage that fails when a consumer has waited `timeoutMs` milliseconds for a chunk, or for
 * the end, in vain: a peer that has gone silent.
 *
 * Only waiting for what feeds the stage counts. A consumer that takes its time never makes it fail,
 * and while nobody reads no time runs. What feeds it is cancelled with the error.
 *
 * @throws {RangeError} when `timeoutMs` is not above 0.
 * @throws {StreamError} `TIMEOUT` at the reader.
 *
 * @example A source that says nothing
 * ```ts
 * import assert from "node:assert/strict"
 * import { StreamError, timeout, toArray } from "@bellmouth/core"
 *
 * const silent = new ReadableStream<string>()
 * const error = await toArray(silent.pipeThrough(timeout(5))).catch((error) => error)
 * assert(error instanceof StreamError)
 * assert.equal(error.code, "TIMEOUT")
 * ```
 */
export function timeout<T>(timeoutMs: number, options: TimeoutOptions = {}): Stage<T, T> {
  checkPositive("timeoutMs", timeoutMs)
  const { clock = systemClock } = options
  let stopTimer: (() => void) | undefined
  const stop = (): void => {
    stopTimer?.()
    stopTimer = undefined
  }
  return stage({
    transform(chunk, controller) {
      stop()
      controller.enqueue(chunk)
    },
    idle(controller) {
      stopTimer ??= clock.schedule(() => {
        const message = `Cannot wait for a chunk any longer: none came within ${timeoutMs} ms`
        controller.error(new StreamError("TIMEOUT", message))
      }, timeoutMs)
    },
    flush: stop,
    cancel: stop,
  })
}
