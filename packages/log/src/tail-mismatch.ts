import { LogError } from "./log-error.ts"
import type { Offset } from "./offset.ts"

/**
 * What a backend rejects a commit with whose `expectedTail` is not the tail.
 *
 * @example Compare and append
 * ```ts
 * import assert from "node:assert/strict"
 * import { createMemoryLog, START, tailMismatch } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const first = log.writable({ expectedTail: START }).getWriter()
 * await first.write(new Uint8Array([1]))
 * const second = log.writable({ expectedTail: START }).getWriter()
 * await assert.rejects(second.write(new Uint8Array([2])), tailMismatch(START, await log.tail()))
 * ```
 */
export function tailMismatch(expected: Offset, tail: Offset): LogError {
  return new LogError(
    "TAIL_MISMATCH",
    `Cannot append at offset ${expected}: the log's tail is ${tail}; read what was appended, and try again from there`,
    { offset: tail },
  )
}
