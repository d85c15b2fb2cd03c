/** A batch as a producer sends it. */
export interface ModelProducer {
  readonly id: string
  readonly epoch: number
  readonly sequence: number
}

interface Stored extends ModelProducer {
  readonly offset: number
  readonly count: number
}

/** What a log has to be: an array of records, where it begins, whether it has ended, and who has sent what. */
export class LogModel {
  records: string[] = []
  start = 0
  isSealed = false
  sent: Stored[] = []

  get tail(): number {
    return this.records.length
  }

  /** The acknowledgement of a batch, or the code of the error that refuses it. */
  append(batch: readonly string[], producer?: ModelProducer, expectedTail?: number) {
    const verdict = producer === undefined ? "new" : this.judge(producer)
    if (typeof verdict === "object") {
      return { offset: verdict.offset, count: verdict.count, repeated: true }
    }
    if (verdict !== "new") return verdict
    if (this.isSealed) return "SEALED"
    if (expectedTail !== undefined && expectedTail !== this.tail) return "TAIL_MISMATCH"
    const ack = { offset: this.tail, count: batch.length }
    if (producer !== undefined) this.sent.push({ ...producer, ...ack })
    this.records.push(...batch)
    return ack
  }

  judge({ id, epoch, sequence }: ModelProducer): Stored | "new" | "FENCED" | "SEQUENCE_GAP" {
    const own = this.sent.filter((batch) => batch.id === id)
    const last = own.at(-1) ?? { epoch: -1, sequence: -1 }
    if (epoch < last.epoch) return "FENCED"
    const next = epoch === last.epoch ? last.sequence + 1 : 0
    if (sequence > next) return "SEQUENCE_GAP"
    return own.find((batch) => batch.epoch === epoch && batch.sequence === sequence) ?? "new"
  }

  fork(at: number): LogModel {
    const before = this.sent.filter(({ offset }) => offset < at)
    const sent = before.map((batch) => ({
      ...batch,
      count: Math.min(batch.count, at - batch.offset),
    }))
    const records = this.records.slice(0, at)
    return Object.assign(new LogModel(), { records, start: this.start, sent })
  }
}
