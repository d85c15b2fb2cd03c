const width = 28
const redrawMs = 80

/**
 * Shows how far a leg is: a bar on a terminal, a line at each quarter elsewhere.
 *
 * Time is taken from `performance.now()`, amounts are what `unit` says.
 */
export class Progress {
  readonly #output: NodeJS.WriteStream = process.stderr
  readonly #name: string
  readonly #total: number
  readonly #format: (amount: number) => string
  readonly #began = performance.now()
  #done = 0
  #drawnAt = Number.NEGATIVE_INFINITY
  #quarters = 0

  constructor(name: string, total: number, format: (amount: number) => string) {
    this.#name = name
    this.#total = total
    this.#format = format
    this.#draw(0)
  }

  add(amount: number): void {
    this.#done += amount
    const part = Math.min(1, this.#done / this.#total)
    if (this.#output.isTTY) {
      if (performance.now() - this.#drawnAt >= redrawMs) this.#draw(part)
    } else if (part < 1 && Math.floor(part * 4) > this.#quarters) {
      this.#quarters = Math.floor(part * 4)
      this.#output.write(`${this.#name}: ${this.#quarters * 25} %, ${this.#amount()}\n`)
    }
  }

  /** Draws the end, and gives the milliseconds that it took. */
  finish(): number {
    const elapsedMs = performance.now() - this.#began
    this.#draw(1)
    this.#output.write(this.#output.isTTY ? "\n" : `${this.#name}: done, ${this.#amount()}\n`)
    return elapsedMs
  }

  #amount(): string {
    const elapsedMs = Math.max(1, performance.now() - this.#began)
    return `${this.#format(this.#done)}, ${this.#format((this.#done / elapsedMs) * 1000)}/s`
  }

  #draw(part: number): void {
    if (!this.#output.isTTY) return
    this.#drawnAt = performance.now()
    const full = Math.round(part * width)
    const bar = `\x1b[36m${"━".repeat(full)}\x1b[90m${"─".repeat(width - full)}\x1b[0m`
    const percent = `${Math.floor(part * 100)} %`.padStart(5)
    this.#output.write(`\r\x1b[K${this.#name.padEnd(8)} ${bar} ${percent}  ${this.#amount()}`)
  }
}
