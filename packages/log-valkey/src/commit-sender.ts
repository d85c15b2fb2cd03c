import {
  type Commit,
  type CommitResult,
  type LogError,
  logSealed,
  type ProducerTable,
  tailMismatch,
  toOffset,
} from "@bellmouth/log"
import { APPEND_SCRIPT } from "./append-script.ts"
import { FRAMING_FIELDS } from "./entry-page.ts"
import type { LogPlace } from "./log-place.ts"
import type { Way } from "./node-link.ts"
import { type PackRun, packEntries } from "./pack-entries.ts"
import {
  type CommitBatch,
  type CommitBatchRun,
  judgeBatches,
  toCommitRuns,
  toExceptions,
  toProducerTable,
  type Unstored,
} from "./producer-verdicts.ts"
import { toNumber, toText } from "./reply.ts"
import { joinBatches, splitBatches } from "./split-batches.ts"
import type { ValkeyArgument } from "./valkey-client.ts"
import { lost, notALog, tooManyProducers } from "./valkey-fault.ts"

/** How many seconds a writer is remembered after its last commit; far longer than it tries again. */
const KEEP_WRITER_S = 3_600
/** How often a commit is judged anew because its producers append elsewhere at the same time. */
const MAX_ROUNDS = 64

/** A commit on its way: what is left to store, and what is not. */
interface Draft {
  readonly runs: readonly PackRun[]
  readonly kept: readonly CommitBatch[] | undefined
  readonly unstored: readonly Unstored[]
}

/**
 * Sends the commits of one writer. Each has a number, and the server remembers the last one of each
 * writer with the records, so that a commit whose reply was lost can be sent again: it is stored once.
 */
export class CommitSender {
  readonly #id: string
  readonly #place: LogPlace
  readonly #writer: string
  #number = 0
  /** The tail that was acknowledged; the server's is never before it. */
  #acknowledged = 0

  constructor(id: string, place: LogPlace) {
    this.#id = id
    this.#place = place
    this.#writer = `${place.keys.records}:writer:${crypto.randomUUID()}`
  }

  async send(commit: Commit, way: Way): Promise<CommitResult> {
    const runs = toCommitRuns(commit.runs, commit.bytes)
    let draft: Draft = { runs, kept: undefined, unstored: [] }
    const number = this.#number++
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const [outcome, ...found] = await this.#run(draft.runs, commit, number, way)
      const [first] = found
      switch (toText(outcome)) {
        case "stored":
          return this.#stored(toNumber(first), draft)
        case "producers": {
          const [tail, sealed, ...states] = found
          const end = toText(sealed) === "1" ? logSealed(toOffset(toNumber(tail))) : undefined
          draft = judge(draft, runs, toProducerTable(states), end)
          break
        }
        case "full":
          draft = refuseProducer(draft, runs, toText(first))
          break
        case "sealed": {
          const end = logSealed(toOffset(toNumber(first)))
          if (draft.unstored.length === 0) throw end
          draft = refuse(draft, runs, end, () => true)
          break
        }
        case "tail":
          throw tailMismatch(commit.expectedTail ?? toOffset(0), toOffset(toNumber(first)))
        case "lost":
          throw lost(this.#place.keys.records, this.#acknowledged, toNumber(first))
        case "gone":
          throw notALog(this.#place.keys.records, "the log was removed, or made anew")
        default:
          throw new Error(`the server gives ${toText(outcome)} for commit ${number}`)
      }
    }
    throw new Error(`its producers have changed ${MAX_ROUNDS} times meanwhile`)
  }

  #run(
    runs: readonly PackRun[],
    commit: Commit,
    number: number,
    way: Way,
  ): Promise<readonly unknown[]> {
    const { records, head, producers, batches } = this.#place.keys
    const expected = commit.expectedTail === undefined ? "" : String(commit.expectedTail)
    const args: ValkeyArgument[] = [
      this.#id,
      String(number),
      expected,
      String(this.#acknowledged),
      String(KEEP_WRITER_S),
    ]
    addProducers(args, runs)
    const entries = packEntries(runs)
    args.push(String(entries.length))
    for (const { framing, count, bytes, note } of entries) {
      args.push(FRAMING_FIELDS[framing], String(count), bytes, note)
    }
    const keys = [records, head, this.#writer, producers, batches]
    return this.#place.run(APPEND_SCRIPT, keys, args, way)
  }

  #stored(offset: number, { runs, kept, unstored }: Draft): CommitResult {
    const first = toOffset(offset)
    const count = runs.reduce((sum, run) => sum + run.batches * run.count, 0)
    this.#acknowledged = Math.max(this.#acknowledged, offset + count)
    if (kept === undefined) return { offset: first }
    return { offset: first, exceptions: toExceptions(unstored, kept, first) }
  }
}

/** The runs of producers: id, epoch, sequence, batches, records in each, records before. */
function addProducers(args: ValkeyArgument[], runs: readonly PackRun[]): void {
  const sent = runs.filter(({ producer }) => producer !== undefined).length
  args.push(String(sent))
  let before = 0
  for (const { producer, batches, count } of runs) {
    if (producer !== undefined) {
      const { id, epoch, sequence } = producer
      args.push(id, ...[epoch, sequence, batches, count, before].map(String))
    }
    before += batches * count
  }
}

function judge(
  draft: Draft,
  runs: readonly CommitBatchRun[],
  table: ProducerTable,
  sealed: LogError | undefined,
): Draft {
  const { kept, unstored } = judgeBatches(draft.kept ?? splitBatches(runs), table, sealed)
  return { runs: joinBatches(kept), kept, unstored: [...draft.unstored, ...unstored] }
}

function refuseProducer(draft: Draft, runs: readonly CommitBatchRun[], id: string): Draft {
  return refuse(draft, runs, tooManyProducers(id), ({ producer }) => producer?.id === id)
}

function refuse(
  draft: Draft,
  runs: readonly CommitBatchRun[],
  outcome: LogError,
  isRefused: (batch: CommitBatch) => boolean,
): Draft {
  const batches = draft.kept ?? splitBatches(runs)
  const kept = batches.filter((batch) => !isRefused(batch))
  const unstored = batches.filter(isRefused).map(({ batch }) => ({ batch, outcome }))
  return { runs: joinBatches(kept), kept, unstored: [...draft.unstored, ...unstored] }
}
