import type { LogCursor, RecordBatch } from "@bellmouth/log"

/** As long as a timer of Node can be. */
const LONG_MS = 2 ** 31 - 1

/**
 * A cursor that keeps its process alive while it waits at the tail for others to append: from the read
 * that finds nothing to the next one, or to its end. What looks at the ref does not, because it stays as
 * long as the log is open, whoever reads it.
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
