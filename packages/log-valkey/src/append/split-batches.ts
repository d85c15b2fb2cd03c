import { type PackRun, recordEnd } from "../entries/pack-entries.ts"
import type { CommitBatch, CommitBatchRun } from "./producer-verdicts.ts"

/** Takes runs apart into their batches. */
export function splitBatches(runs: readonly CommitBatchRun[]): CommitBatch[] {
  return runs.flatMap(({ framing, batches, count, bytes, producer, batch }) => {
    let at = 0
    return Array.from({ length: batches }, (_, n) => {
      const begin = at
      for (let record = 0; record < count; record++) at = recordEnd(bytes, framing, at)
      const sent = producer && { ...producer, sequence: producer.sequence + n }
      return {
        framing,
        batches: 1,
        count,
        bytes: bytes.subarray(begin, at),
        producer: sent,
        batch: batch + n,
      }
    })
  })
}

/** Puts batches that follow one another together again. */
export function joinBatches(batches: readonly CommitBatch[]): PackRun[] {
  const runs: PackRun[] = []
  for (const batch of batches) {
    const last = runs.at(-1)
    if (last !== undefined && goesOn(last, batch)) {
      const { bytes } = last
      runs[runs.length - 1] = {
        ...last,
        batches: last.batches + 1,
        bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length + batch.bytes.length),
      }
    } else {
      runs.push(batch)
    }
  }
  return runs
}

function goesOn(run: PackRun, { framing, count, bytes, producer }: CommitBatch): boolean {
  if (run.framing !== framing || run.count !== count) return false
  if (run.bytes.byteOffset + run.bytes.length !== bytes.byteOffset) return false
  const first = run.producer
  if (first === undefined || producer === undefined) return first === producer
  const { id, epoch, sequence } = producer
  return first.id === id && first.epoch === epoch && first.sequence + run.batches === sequence
}
