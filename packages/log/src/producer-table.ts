import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"

/** How many batches of each producer are known by their offset. */
const KEPT_BATCHES = 1_024
/** How many producers a log knows. */
const MAX_PRODUCERS = 65_536

/** A batch that is stored. */
export interface StoredBatch {
  readonly sequence: number
  readonly offset: Offset
  readonly count: number
}

/** What a log remembers of a producer. */
export interface ProducerState {
  readonly id: string
  readonly epoch: number
  /** The latest batches of that epoch, in order, 1 to 1,024 of them. */
  readonly batches: readonly StoredBatch[]
}

/** Batches of one size, from one producer, that are stored one after another. */
export interface StoredRun {
  /** Who has sent the first; each next one has a sequence that is one more. Nobody when undefined. */
  readonly producer: ProducerBatch | undefined
  readonly batches: number
  /** How many records each of the batches holds. */
  readonly count: number
}

/** What becomes of a batch. */
export type ProducerVerdict =
  | { readonly type: "new" }
  /** It is stored. */
  | { readonly type: "repeat"; readonly batch: StoredBatch }
  /** It was accepted before, and is not stored yet. */
  | { readonly type: "pending" }

/** One producer as it will be, when all that was accepted is stored. */
interface Accepted {
  epoch: number
  next: number
}

/**
 * The producers of a log: what they have stored, and what comes next. A backend owns it, fills it
 * when it is opened, and keeps what `snapshot` says; the log judges every batch by it.
 *
 * @example A batch that comes twice
 * ```ts
 * import assert from "node:assert/strict"
 * import { ProducerTable, START } from "@bellmouth/log"
 *
 * const table = new ProducerTable()
 * const batch = { id: "till 4", epoch: 0, sequence: 0 }
 * assert.deepEqual(table.judge(batch), { type: "new" })
 * table.accept(batch)
 * assert.deepEqual(table.judge(batch), { type: "pending" })
 * table.settle(batch, START, 3)
 * const repeat = { type: "repeat", batch: { sequence: 0, offset: START, count: 3 } }
 * assert.deepEqual(table.judge(batch), repeat)
 * ```
 */
export class ProducerTable {
  readonly #accepted = new Map<string, Accepted>()
  readonly #stored = new Map<string, { epoch: number; batches: StoredBatch[] }>()

  /** Takes over what a snapshot holds. */
  restore(states: Iterable<ProducerState>): void {
    for (const { id, epoch, batches } of states) {
      for (const { sequence, offset, count } of batches) {
        this.settle({ id, epoch, sequence }, offset, count)
      }
    }
  }

  /** What is stored, and nothing of what is on its way. */
  snapshot(): ProducerState[] {
    return Array.from(this.#stored, ([id, { epoch, batches }]) => ({
      id,
      epoch,
      batches: [...batches],
    }))
  }

  /**
   * Judges a batch.
   *
   * @throws {LogError} `FENCED`, `SEQUENCE_GAP`, `DUPLICATE` or `TOO_MANY_PRODUCERS`.
   */
  judge(batch: ProducerBatch): ProducerVerdict {
    const { id, epoch, sequence } = batch
    const known = this.#accepted.get(id)
    if (known !== undefined && epoch < known.epoch) throw fenced(batch, known.epoch)
    const next = known?.epoch === epoch ? known.next : 0
    if (sequence > next) throw gap(batch, next)
    if (sequence < next) return this.#repeat(batch)
    if (known === undefined && this.#accepted.size >= MAX_PRODUCERS) throw tooMany(id)
    return { type: "new" }
  }

  /** A new batch was accepted, and is on its way. */
  accept({ id, epoch, sequence }: ProducerBatch): void {
    this.#accepted.set(id, { epoch, next: sequence + 1 })
  }

  /** What was accepted and is not stored will not be: it fences nobody, and nothing follows from it. */
  refuse(): void {
    this.#accepted.clear()
    for (const [id, { epoch, batches }] of this.#stored) {
      this.#accepted.set(id, { epoch, next: (batches.at(-1)?.sequence ?? -1) + 1 })
    }
  }

  /** A batch is stored. Batches come in order, those of a snapshot and of a replay, too. */
  settle({ id, epoch, sequence }: ProducerBatch, offset: Offset, count: number): void {
    let stored = this.#stored.get(id)
    if (stored === undefined || stored.epoch < epoch) {
      stored = { epoch, batches: [] }
      this.#stored.set(id, stored)
    }
    if (stored.epoch > epoch) return
    // Some between were lost to damage: what was before them is not known any more.
    if ((stored.batches.at(-1)?.sequence ?? sequence - 1) !== sequence - 1) stored.batches = []
    stored.batches.push({ sequence, offset, count })
    if (stored.batches.length > KEPT_BATCHES) stored.batches.shift()
    const known = this.#accepted.get(id)
    const isAhead =
      known !== undefined &&
      (known.epoch > epoch || (known.epoch === epoch && known.next > sequence))
    if (!isAhead) this.#accepted.set(id, { epoch, next: sequence + 1 })
  }

  /**
   * The batches of a run that begins at `offset` are stored, as far as they lie before `until`; of one that
   * lies there in part, the records before.
   */
  settleRun(
    { producer, batches, count }: StoredRun,
    offset: number,
    until: number = Number.POSITIVE_INFINITY,
  ): void {
    if (producer === undefined) return
    for (let batch = 0; batch < batches; batch++) {
      const at = offset + batch * count
      if (at >= until) return
      const stored = { ...producer, sequence: producer.sequence + batch }
      this.settle(stored, toOffset(at), Math.min(count, until - at))
    }
  }

  #repeat(batch: ProducerBatch): ProducerVerdict {
    const stored = this.#stored.get(batch.id)
    const batches = stored?.epoch === batch.epoch ? stored.batches : []
    const [first] = batches
    const last = batches.at(-1)
    if (first === undefined || last === undefined || batch.sequence > last.sequence) {
      return { type: "pending" }
    }
    const found = batches[batch.sequence - first.sequence]
    if (found === undefined) throw duplicate(batch, first.sequence)
    return { type: "repeat", batch: found }
  }
}

function fenced({ id, epoch, sequence }: ProducerBatch, current: number): LogError {
  return new LogError(
    "FENCED",
    `Cannot append as producer ${JSON.stringify(id)} of epoch ${epoch}: epoch ${current} has taken over; stop, or begin a later epoch`,
    { epoch: current, sequence },
  )
}

function gap({ id, sequence }: ProducerBatch, next: number): LogError {
  return new LogError(
    "SEQUENCE_GAP",
    `Cannot append batch ${sequence} of producer ${JSON.stringify(id)}: batch ${next} is next; send that first`,
    { sequence: next },
  )
}

function duplicate({ id, sequence }: ProducerBatch, first: number): LogError {
  return new LogError(
    "DUPLICATE",
    `Cannot acknowledge batch ${sequence} of producer ${JSON.stringify(id)} again: it is stored, and the offsets are known from batch ${first} on`,
    { sequence: first },
  )
}

function tooMany(id: string): LogError {
  return new LogError(
    "TOO_MANY_PRODUCERS",
    `Cannot append as producer ${JSON.stringify(id)}: the log knows ${MAX_PRODUCERS} producers already; use ids again, with a later epoch`,
  )
}
