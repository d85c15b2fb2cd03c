/** Who waits for a turn. */
export interface TakesTurns {
  /** It has the turn now. */
  onTurn(): void
}

/** Something that one of many may have at a time, in the order in which they asked. */
export class Turn<T extends TakesTurns> {
  #holder: T | undefined
  readonly #waiting = new Set<T>()

  /** Whether `who` has it now; if not, it is told once it has. */
  take(who: T): boolean {
    this.#holder ??= who
    if (this.#holder === who) return true
    this.#waiting.add(who)
    return false
  }

  /** `who` has no use for it any more. */
  leave(who: T): void {
    this.#waiting.delete(who)
    if (this.#holder !== who) return
    const [next] = this.#waiting
    this.#holder = next
    if (next === undefined) return
    this.#waiting.delete(next)
    next.onTurn()
  }
}
