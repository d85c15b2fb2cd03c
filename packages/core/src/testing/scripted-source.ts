/**
 * An underlying source that gives what it was told, only when pulled, and counts.
 *
 * Its readable has a highWaterMark of 0, so `given` is what was asked for, and no more.
 */
export class ScriptedSource<I> {
  readonly readable: ReadableStream<I>
  /** How many chunks were pulled out of it. */
  given = 0
  /** Every reason that its `cancel` was called with. */
  readonly cancels: unknown[] = []
  #controller: ReadableStreamDefaultController<I> | undefined
  #ended = false

  /**
   * @param ending `close` closes together with the last chunk; `idle` stays open without a word
   * @param note is told of every event
   */
  constructor(inputs: readonly I[], ending: "close" | "idle", note: (event: string) => void) {
    const rest = [...inputs]
    this.readable = new ReadableStream<I>(
      {
        start: (controller) => {
          this.#controller = controller
          if (inputs.length === 0 && ending === "close") this.close()
        },
        pull: (controller) => {
          for (const chunk of rest.splice(0, 1)) {
            this.given++
            note(`source gives chunk ${this.given}`)
            controller.enqueue(chunk)
          }
          if (rest.length === 0 && ending === "close") this.close()
        },
        cancel: (reason) => {
          this.#ended = true
          rest.length = 0
          this.cancels.push(reason)
          note("source is cancelled")
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** Closes it; nothing happens when it has ended. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#controller?.close()
  }

  /** Errors it; nothing happens when it has ended. */
  error(reason: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#controller?.error(reason)
  }
}
