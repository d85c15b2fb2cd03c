/** Something that one of many may have at a time, in the order in which they asked. */
export class Turn<T> {
  #holder: T | undefined
  readonly #waiting = new Map<T, () => void>()

  /** Whether `who` has it now; if not, `then` is called once it has. */
  take(who: T, then: () => void): boolean {
    if (this.#holder === undefined) this.#holder = who
    if (this.#holder === who) return true
    this.#waiting.set(who, then)
    return false
  }

  /** `who` has no use for it any more. */
  leave(who: T): void {
    this.#waiting.delete(who)
    if (this.#holder !== who) return
    this.#holder = undefined
    for (const [next, then] of this.#waiting) {
      this.#waiting.delete(next)
      this.#holder = next
      then()
      return
    }
  }
}
