/** Wakes those who wait at the tail. A wake between a look and a wait is not lost: see `version`. */
export class TailSignal {
  #version = 0
  readonly #waiting = new Set<() => void>()

  /** Goes up with each wake. Take it before looking at the tail. */
  get version(): number {
    return this.#version
  }

  /** Says that the tail may have moved, or that there is another reason to look. */
  wake(): void {
    this.#version++
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** Waits for a wake after `seen`; `giveUp` is handed the function that ends the wait early. */
  wait(seen: number, giveUp: (end: () => void) => void): Promise<void> {
    if (seen !== this.#version) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    giveUp(() => {
      this.#waiting.delete(resolve)
      resolve()
    })
    return promise
  }
}
