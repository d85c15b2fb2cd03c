/** A position in a log, as an event's id gives it. */
export interface Position {
  readonly log: string
  readonly next: number
}

/** Reads an event's id: the log's id, a dot, and the offset after the record. */
export function parsePosition(id: string): Position | undefined {
  const dot = id.lastIndexOf(".")
  const digits = id.slice(dot + 1)
  if (dot < 1 || !/^[0-9]{1,16}$/.test(digits)) return undefined
  return { log: id.slice(0, dot), next: Number(digits) }
}

/** Counts what a live view of a log must never show: records left out, and records shown twice. */
export class Continuity {
  gaps = 0
  repeats = 0
  #last: Position | undefined

  get last(): Position | undefined {
    return this.#last
  }

  /** Takes the position of the next record. False when the page has it already. */
  accept(position: Position): boolean {
    const last = this.#last
    if (last?.log === position.log && position.next <= last.next) {
      this.repeats++
      return false
    }
    if (last?.log === position.log) this.gaps += position.next - last.next - 1
    this.#last = position
    return true
  }
}
