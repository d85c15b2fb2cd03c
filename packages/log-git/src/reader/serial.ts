/** Runs one thing after another, in the order of the calls. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Whether something runs, or waits to. */
  get isBusy(): boolean {
    return this.#waiting > 0
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    this.#waiting++
    const result = this.#last.then(act)
    this.#last = result.catch(() => {
      // It is told to who has asked for it.
    })
    try {
      return await result
    } finally {
      this.#waiting--
    }
  }
}
