/**
 * Counts which deliveries came out, by reading the NDJSON with nothing of the project's own.
 *
 * It looks at the delivery numbers in the data, not at offsets or ids, so that it can not be fooled
 * by the bookkeeping that it checks.
 */
export class Tally extends WritableStream<Uint8Array> {
  readonly #seen: Uint8Array
  readonly #state: { duplicated: number; foreign: number; records: number }

  constructor(expected: number) {
    const seen = new Uint8Array(expected)
    const state = { duplicated: 0, foreign: 0, records: 0 }
    const decoder = new TextDecoder("utf-8", { fatal: true })
    let rest = ""
    const take = (line: string): void => {
      const { delivery } = JSON.parse(line)
      state.records++
      if (!Number.isInteger(delivery) || delivery < 0 || delivery >= expected) state.foreign++
      else if (seen[delivery] === 1) state.duplicated++
      else seen[delivery] = 1
    }
    super({
      write(chunk) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
        rest = lines.pop() ?? ""
        lines.forEach(take)
      },
      close() {
        if (rest !== "") throw new Error(`Cannot count: the output ends in the middle of a line`)
      },
    })
    this.#seen = seen
    this.#state = state
  }

  get records(): number {
    return this.#state.records
  }

  get duplicated(): number {
    return this.#state.duplicated
  }

  /** Records that never went in. */
  get foreign(): number {
    return this.#state.foreign
  }

  get lost(): number {
    return this.#seen.reduce((lost, seen) => lost + (seen === 0 ? 1 : 0), 0)
  }
}
