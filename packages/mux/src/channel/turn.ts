/** Who waits for a turn. */
export interface TakesTurns {
  /** It has the turn now. */
  onTurn(): void
}

/** Something that one of many may have at a time, in the order in which they asked. */
export class Turn<T extends TakesTurns> {
  /** Who has it, and then who waits. */
  readonly #line = new Set<T>()

  /** Whether `who` has it now; if not, it is told once it has. */
  take(who: T): boolean {
    return this.#line.add(who).values().next().value === who
  }

  /** `who` has no use for it any more. */
  leave(who: T): void {
    const [holder] = this.#line
    this.#line.delete(who)
    if (who !== holder) return
    const [next] = this.#line
    next?.onTurn()
  }
}
