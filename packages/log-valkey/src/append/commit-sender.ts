import {
  type Commit,
  type CommitResult,
  type LogError,
  logSealed,
  type ProducerTable,
  tailMismatch,
  toOffset,
} from "@bellmouth/log"
import { toNumber, toText } from "../client/reply.ts"
import type { PackRun } from "../entries/pack-entries.ts"
import type { LogPlace } from "../log-place.ts"
import type { Way } from "../nodes/node-link.ts"
import { lost, notALog, tooManyProducers } from "../valkey-fault.ts"
import { type AppendCall, appendDirectly, runAppend } from "./append-call.ts"
import {
  type CommitBatch,
  type CommitBatchRun,
  judgeBatches,
  toCommitRuns,
  toExceptions,
  toProducerTable,
  type Unstored,
} from "./producer-verdicts.ts"
import { joinBatches, splitBatches } from "./split-batches.ts"

/** Records of as many bytes and more are stored without passing through a script: to copy them takes longer than to go around. */
const DIRECT_BYTES = 65_536
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
  #hasTransactions: boolean
  /** Whether the last commit went where the one before had ended: nobody else seems to append. */
  #isAlone = false
  #number = 0
  /** The tail that was acknowledged; the server's is never before it. */
  #acknowledged = 0

  constructor(id: string, place: LogPlace, hasTransactions: boolean) {
    this.#id = id
    this.#place = place
    this.#hasTransactions = hasTransactions
    this.#writer = `${place.keys.records}:writer:${crypto.randomUUID()}`
  }

  async send(commit: Commit, way: Way): Promise<CommitResult> {
    const runs = toCommitRuns(commit.runs, commit.bytes)
    let draft: Draft = { runs, kept: undefined, unstored: [] }
    const number = this.#number++
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const call = this.#call(commit, number, draft.runs)
      const [outcome, ...found] = await this.#run(call, way, round)
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
        case "moved":
          this.#isAlone = false
          break
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
    throw new Error(`the log has changed ${MAX_ROUNDS} times meanwhile`)
  }

  #call({ expectedTail }: Commit, number: number, runs: readonly PackRun[]): AppendCall {
    const acknowledged = this.#acknowledged
    return { id: this.#id, writer: this.#writer, number, expectedTail, acknowledged, runs }
  }

  /** What becomes of a direct attempt is known, or the script will say: it knows what is stored. */
  async #run(call: AppendCall, way: Way, round: number): Promise<readonly unknown[]> {
    const size = call.runs.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const isDirect = round === 0 && size >= DIRECT_BYTES && this.#isAlone && this.#hasTransactions
    const reply = isDirect ? await appendDirectly(this.#place, call, way) : "unknown"
    if (reply === "refused") this.#hasTransactions = false
    return typeof reply === "string" ? runAppend(this.#place, call, way) : reply
  }

  #stored(offset: number, { runs, kept, unstored }: Draft): CommitResult {
    const first = toOffset(offset)
    const count = runs.reduce((sum, run) => sum + run.batches * run.count, 0)
    this.#isAlone = offset === this.#acknowledged
    this.#acknowledged = Math.max(this.#acknowledged, offset + count)
    if (kept === undefined) return { offset: first }
    return { offset: first, exceptions: toExceptions(unstored, kept, first) }
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
