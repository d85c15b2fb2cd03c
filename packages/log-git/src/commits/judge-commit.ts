import {
  type BatchException,
  type Commit,
  type CommitRun,
  LogError,
  logSealed,
  type ProducerTable,
  toOffset,
} from "@bellmouth/log"
import type { RunsInit } from "./append-message.ts"
import { endOf } from "./run-bytes.ts"

/** What of a commit is new, and what becomes of the rest. */
export interface JudgedCommit extends RunsInit {
  readonly exceptions: readonly BatchException[]
}

/**
 * Parts the batches of a commit that are new from those that are stored already, or refused. The new
 * ones are taken into the table as if they were stored.
 *
 * @throws {LogError} `SEALED` when one is new and the log is sealed.
 */
export function judgeCommit(
  table: ProducerTable,
  commit: Commit,
  tail: number,
  isSealed: boolean,
): JudgedCommit {
  const bytes = Buffer.from(commit.bytes.buffer, commit.bytes.byteOffset, commit.bytes.length)
  const exceptions: BatchException[] = []
  const runs: CommitRun[] = []
  const parts: Buffer[] = []
  let [offset, batch, at] = [tail, 0, 0]
  for (const run of commit.runs) {
    const end = at + run.byteLength
    if (run.producer === undefined) {
      if (isSealed) throw logSealed(toOffset(tail))
      runs.push(run)
      parts.push(bytes.subarray(at, end))
      offset += run.batches * run.count
      batch += run.batches
      at = end
      continue
    }
    for (let index = 0; index < run.batches; index++, batch++) {
      const next = run.batches === 1 ? end : endOf(bytes, run.framing, at, run.count)
      const producer = { ...run.producer, sequence: run.producer.sequence + index }
      const outcome = judge(table, producer)
      if (outcome === undefined) {
        if (isSealed) throw logSealed(toOffset(tail))
        table.settle(producer, toOffset(offset), run.count)
        extend(runs, { ...run, batches: 1, byteLength: next - at, producer })
        parts.push(bytes.subarray(at, next))
        offset += run.count
      } else {
        exceptions.push({ batch, outcome })
      }
      at = next
    }
  }
  const isWhole = exceptions.length === 0
  return {
    offset: tail,
    count: offset - tail,
    runs: isWhole ? commit.runs : runs,
    bytes: isWhole ? commit.bytes : Buffer.concat(parts),
    exceptions,
  }
}

function judge(
  table: ProducerTable,
  producer: NonNullable<CommitRun["producer"]>,
): BatchException["outcome"] | undefined {
  try {
    const verdict = table.judge(producer)
    return verdict.type === "repeat" ? verdict.batch : undefined
  } catch (error) {
    if (error instanceof LogError) return error
    throw error
  }
}

/** Adds a batch to the last run, when it goes on with it. */
function extend(runs: CommitRun[], run: CommitRun): void {
  const last = runs.at(-1)
  const [first, next] = [last?.producer, run.producer]
  const goesOn =
    last !== undefined &&
    first !== undefined &&
    last.framing === run.framing &&
    last.count === run.count &&
    first.id === next?.id &&
    first.epoch === next.epoch &&
    first.sequence + last.batches === next.sequence
  if (!goesOn) {
    runs.push(run)
    return
  }
  const batches = last.batches + 1
  runs[runs.length - 1] = { ...last, batches, byteLength: last.byteLength + run.byteLength }
}
