import { recordRow, type ShownRecord } from "./record-row.ts"

/** The newest records, newest first: at most `limit` rows, and as many waiting while it is paused. */
export class RecordList {
  readonly #list: HTMLElement
  readonly #limit: number
  /** The newest of those that wait. */
  #waiting: ShownRecord[] = []
  #waitingCount = 0
  #filter = ""

  constructor(list: HTMLElement, limit: number) {
    this.#list = list
    this.#limit = limit
  }

  /** How many records have come since they were shown last. */
  get waiting(): number {
    return this.#waitingCount
  }

  /** Whether no row is to be seen. */
  get isBlank(): boolean {
    return this.#list.querySelector("li:not([hidden])") === null
  }

  add(record: ShownRecord): void {
    this.#waitingCount++
    this.#waiting.push(record)
    if (this.#waiting.length > 2 * this.#limit) this.#waiting = this.#waiting.slice(-this.#limit)
  }

  /** Shows what waits, in one change of the page. */
  show(): void {
    const fresh = this.#waiting.slice(-this.#limit)
    this.#waiting = []
    this.#waitingCount = 0
    const rows = fresh.reverse().map((record) => this.#filtered(recordRow(record)))
    this.#list.prepend(...rows)
    while (this.#list.childElementCount > this.#limit) this.#list.lastElementChild?.remove()
  }

  /** Shows only rows with this text in them; "" shows all. */
  filter(text: string): void {
    this.#filter = text.toLowerCase()
    for (const row of this.#list.children) this.#filtered(row)
  }

  #filtered<Row extends Element>(row: Row): Row {
    const isShown = row.textContent?.toLowerCase().includes(this.#filter) ?? false
    row.toggleAttribute("hidden", !isShown)
    return row
  }
}
