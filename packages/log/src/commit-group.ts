import { type Added, CommitBuilder } from "./commit-builder.ts"
import type { Ack, Level } from "./log.ts"
import type { CommitResult } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"
import type { StoredBatch } from "./producer-table.ts"

/** A pipe as the committer sees it. */
export interface ChunkOwner {
  /** The chunk accepted longest ago is durable. Ignored after `failed`. */
  settled(ack: Ack, byteLength: number): void
  /** Nothing of what was accepted and not settled will be acknowledged. */
  failed(error: LogError): void
}

/** A chunk that was accepted, and is not settled. */
export interface Pending extends Added {
  readonly owner: ChunkOwner
  readonly producer: ProducerBatch | undefined
  /** What the chunk repeats: a batch that is stored, or one that will be before this settles. */
  readonly repeats: StoredBatch | Pending | undefined
  /** Where the chunk was stored, once it was; or what the backend did with it instead. */
  outcome: Offset | StoredBatch | LogError | undefined
}

/** The chunks that are committed together. */
export class CommitGroup {
  readonly builder: CommitBuilder
  pending: Pending[] = []
  expectedTail: Offset | undefined
  /** The strongest level that one of them asks for. */
  level: Level = "memory"

  /** `capacity`: how many bytes its buffer begins with. */
  constructor(capacity?: number) {
    this.builder = new CommitBuilder(capacity)
  }

  /** How many bytes its buffer has. */
  get capacity(): number {
    return this.builder.capacity
  }

  get byteLength(): number {
    return this.builder.byteLength
  }

  /** Takes over where the commit went, and calls `stored` for each chunk that is stored now. */
  place({ offset, exceptions }: CommitResult, stored: (chunk: Pending, at: Offset) => void): void {
    const unstored = new Map(exceptions?.map(({ batch, outcome }) => [batch, outcome]))
    let next: number = offset
    let batch = 0
    for (const chunk of this.pending) {
      if (chunk.repeats !== undefined) continue
      chunk.outcome = unstored.get(batch++) ?? toOffset(next)
      if (typeof chunk.outcome !== "number") continue
      next += chunk.count
      stored(chunk, chunk.outcome)
    }
  }

  /** Tells the owner of each chunk, in order, what became of it. */
  acknowledge(level: Level): void {
    for (const { owner, count, byteLength, repeats, outcome } of this.pending) {
      const found = toOutcome(repeats) ?? outcome
      if (typeof found === "number") owner.settled({ offset: found, count, level }, byteLength)
      else if (found instanceof LogError) owner.failed(found)
      else if (found !== undefined) {
        const first = { offset: found.offset, count: found.count }
        owner.settled({ ...first, level, repeated: true }, byteLength)
      }
    }
  }

  /** Nothing of the group will be acknowledged. */
  fail(error: LogError): void {
    const owners = new Set(this.pending.map(({ owner }) => owner))
    this.pending = []
    for (const owner of owners) owner.failed(error)
  }

  /** Empties the group, and keeps its buffer. */
  reset(): void {
    this.builder.reset()
    this.pending = []
    this.expectedTail = undefined
    this.level = "memory"
  }
}

/** The batch that a chunk repeats, as it is stored. */
function toOutcome(repeats: StoredBatch | Pending | undefined): StoredBatch | undefined {
  if (repeats === undefined || !("outcome" in repeats)) return repeats
  const { count, outcome, producer } = repeats
  if (typeof outcome !== "number") return undefined
  return { sequence: producer?.sequence ?? 0, offset: outcome, count }
}
