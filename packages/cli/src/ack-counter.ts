import type { Ack, Level } from "@bellmouth/log"

/** What a log has acknowledged so far. */
export interface AckCount {
  readonly records: number
  readonly first: number
  readonly level: Level | undefined
}

/** Counts acknowledgements as they come, so that the count stands also when the log fails. */
export class AckCounter extends WritableStream<Ack> {
  readonly #count: { records: number; first: number; level: Level | undefined }

  constructor() {
    const count = { records: 0, first: 0, level: undefined as Level | undefined }
    super({
      write(ack) {
        if (count.records === 0) count.first = ack.offset
        count.records += ack.count
        count.level = ack.level
      },
    })
    this.#count = count
  }

  get count(): AckCount {
    return { ...this.#count }
  }
}
