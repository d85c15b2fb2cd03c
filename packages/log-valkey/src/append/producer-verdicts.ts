import {
  type BatchException,
  type CommitRun,
  type LogError,
  type Offset,
  type ProducerState,
  ProducerTable,
  type StoredBatch,
  toOffset,
} from "@bellmouth/log"
import { toList, toNumber, toText } from "../client/reply.ts"
import type { PackRun } from "../entries/pack-entries.ts"

/** A run of a commit, and how many batches are before it. */
export interface CommitBatchRun extends PackRun {
  readonly batch: number
}

/** A run of one batch. */
export type CommitBatch = CommitBatchRun

/** A batch that is not stored, and why; `first`: it is stored with this commit, by that batch. */
export type Unstored =
  | BatchException
  | { readonly batch: number; readonly first: number; readonly sequence: number }

/** The runs of a commit, with their bytes and the number of batches before each. */
export function toCommitRuns(runs: readonly CommitRun[], bytes: Uint8Array): CommitBatchRun[] {
  let at = 0
  let batch = 0
  return runs.map(({ framing, batches, count, byteLength, producer }) => {
    const run = {
      framing,
      batches,
      count,
      producer,
      batch,
      bytes: bytes.subarray(at, at + byteLength),
    }
    at += byteLength
    batch += batches
    return run
  })
}

/** Producers as the server has them: `[id, epoch, rows]`, each row `sequence batches offset count`. */
export function toProducerTable(states: readonly unknown[]): ProducerTable {
  const table = new ProducerTable()
  table.restore(
    states.map((state): ProducerState => {
      const [id, epoch, rows] = toList(state)
      const batches = toList(rows).flatMap((row) => toStoredBatches(toText(row)))
      return { id: toText(id), epoch: toNumber(epoch), batches }
    }),
  )
  return table
}

/** The batches of a row `sequence batches offset count`. */
export function toStoredBatches(row: string): StoredBatch[] {
  const [sequence, batches, offset, count] = row.split(" ").map(toNumber)
  if (sequence === undefined || batches === undefined || offset === undefined || !count) {
    throw new TypeError(`Cannot read the batches of a producer: ${row}`)
  }
  return Array.from({ length: batches }, (_, n) => ({
    sequence: sequence + n,
    offset: toOffset(offset + n * count),
    count,
  }))
}

/** Parts the batches of a commit into those to store and those that are not, by what the server has. */
export function judgeBatches(
  batches: readonly CommitBatch[],
  table: ProducerTable,
  sealed: LogError | undefined,
): { readonly kept: CommitBatch[]; readonly unstored: Unstored[] } {
  const kept: CommitBatch[] = []
  const unstored: Unstored[] = []
  const accepted = new Map<string, number>()
  for (const each of batches) {
    const { batch, producer } = each
    const outcome = producer === undefined ? "new" : judge(table, each)
    if (outcome === "new") {
      if (sealed !== undefined) unstored.push({ batch, outcome: sealed })
      else {
        kept.push(each)
        if (producer !== undefined) {
          table.accept(producer)
          accepted.set(keyOf(each), batch)
        }
      }
    } else if (outcome === "pending") {
      const first = accepted.get(keyOf(each)) ?? batch
      unstored.push({ batch, first, sequence: producer?.sequence ?? 0 })
    } else {
      unstored.push({ batch, outcome })
    }
  }
  return { kept, unstored }
}

/** Gives the batches that repeat one of the same commit their offset, now that it is known. */
export function toExceptions(
  unstored: readonly Unstored[],
  kept: readonly CommitBatch[],
  offset: Offset,
): BatchException[] {
  const places = new Map<number, { offset: Offset; count: number }>()
  let next: number = offset
  for (const { batch, count } of kept) {
    places.set(batch, { offset: toOffset(next), count })
    next += count
  }
  const outcomes = new Map<number, BatchException["outcome"]>()
  for (const each of unstored) if ("outcome" in each) outcomes.set(each.batch, each.outcome)
  return unstored
    .map((each): BatchException => {
      if ("outcome" in each) return each
      const { batch, first, sequence } = each
      const place = places.get(first)
      // Another writer may have stored the first of them meanwhile.
      const outcome = place === undefined ? outcomes.get(first) : { sequence, ...place }
      if (outcome === undefined) throw new TypeError(`Cannot place batch ${batch} of the commit`)
      return { batch, outcome }
    })
    .sort((left, right) => left.batch - right.batch)
}

function judge(
  table: ProducerTable,
  { producer }: CommitBatch,
): "new" | "pending" | StoredBatch | LogError {
  if (producer === undefined) return "new"
  try {
    const verdict = table.judge(producer)
    return verdict.type === "repeat" ? verdict.batch : verdict.type
  } catch (error) {
    // The table throws nothing else.
    return error as LogError
  }
}

function keyOf({ producer }: CommitBatch): string {
  return `${producer?.epoch}/${producer?.sequence}/${producer?.id}`
}
