import type { RecordBatch } from "./log.ts"
import type { LogCursor } from "./log-backend.ts"

/** As long as a timer of Node can be. */
const LONG_MS = 2 ** 31 - 1

/**
 * For a backend whose watchers do not keep a process alive, as they stay as long as the log is open, whoever reads it: a
 * cursor that does, while it waits at the tail for another process to append, from the read that
 * finds nothing to the next one, or to its end. It fails as the cursor in it does.
 *
 * @example A cursor of a log that others append to
 * ```ts
 * import assert from "node:assert/strict"
 * import { MemoryBackend, START, WaitingCursor } from "@bellmouth/log"
 *
 * const cursor = new WaitingCursor(new MemoryBackend().read(START, false))
 * assert.equal(await cursor.next(), undefined) // waits from now on
 * await cursor.close() // and no more
 * ```
 */
export class WaitingCursor implements LogCursor {
  readonly #cursor: LogCursor
  #alive: ReturnType<typeof setInterval> | undefined

  constructor(cursor: LogCursor) {
    this.#cursor = cursor
  }

  async next(): Promise<RecordBatch | undefined> {
    this.#letGo()
    const batch = await this.#cursor.next()
    if (batch === undefined) this.#alive = setInterval(() => {}, LONG_MS)
    return batch
  }

  close(): Promise<void> {
    this.#letGo()
    return this.#cursor.close()
  }

  #letGo(): void {
    clearInterval(this.#alive)
    this.#alive = undefined
  }
}
