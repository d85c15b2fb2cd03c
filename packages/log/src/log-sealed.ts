import { LogError } from "./log-error.ts"
import type { Offset } from "./offset.ts"

/**
 * What a backend rejects a commit with when the log was sealed.
 *
 * @example A log that was ended
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog, logSealed } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const end = await log.seal()
 * const late = log.writable().getWriter()
 * await assert.rejects(late.write(new Uint8Array([1])), logSealed(end))
 * ```
 */
export function logSealed(tail: Offset): LogError {
  return new LogError(
    "SEALED",
    `Cannot append: the log was sealed at offset ${tail}; append to another, or to a fork of it`,
    { offset: tail },
  )
}
