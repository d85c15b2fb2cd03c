import { type Added, CommitBuilder } from "./commit-builder.ts"
import type { Ack, AppendInput } from "./log.ts"
import type { Commit, LogBackend } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"
import type { StoredBatch } from "./producer-table.ts"

/** A commit takes no further chunk once it holds as many bytes. */
const COMMIT_BYTES = 1_048_576
/** A buffer that grew past this is not kept for the next commit. */
const KEEP_BYTES = 4 * COMMIT_BYTES
/** A commit starts when nothing has arrived for so many microtasks, */
const QUIET_TURNS = 6
/** or after so many in all. */
const MOST_TURNS = 256

/** A pipe as the committer sees it. */
export interface ChunkOwner {
  /** The chunk accepted longest ago is durable. */
  settled(ack: Ack, byteLength: number): void
  /** Nothing of what was accepted and not settled will be acknowledged. */
  failed(error: LogError): void
}

interface Pending extends Added {
  readonly owner: ChunkOwner
  readonly producer: ProducerBatch | undefined
  /** What the chunk repeats: a batch that is stored, or one that will be before this settles. */
  readonly repeats: StoredBatch | Pending | undefined
  /** Where the chunk is stored, once it is. */
  offset: Offset | undefined
}

/** What is to be done between two commits. */
interface Task {
  readonly act: () => Promise<void>
  readonly done: PromiseWithResolvers<void>
}

/** How a chunk is to be accepted. */
export interface Acceptance {
  /** Makes a commit of its own, that fails when the tail is another. */
  readonly expectedTail: Offset | undefined
  readonly producer: ProducerBatch | undefined
}

interface Group {
  readonly builder: CommitBuilder
  pending: Pending[]
  expectedTail: Offset | undefined
}

/**
 * The group commit: what arrives while one commit is under way forms the next one.
 *
 * There is no timer. A commit waits a few microtasks for the chunks of producers that have just
 * been acknowledged; without that, a lone early chunk would make every second commit a commit of one.
 */
export class Committer {
  readonly #backend: LogBackend
  readonly #committed: () => void
  #filling: Group = newGroup()
  #full: Group[] = []
  #spare: Group | undefined
  #running: Promise<void> | undefined
  /** The batches of producers that are on their way. */
  readonly #underWay = new Map<string, Pending>()
  readonly #tasks: Task[] = []
  #accepted = 0
  #failure: LogError | undefined

  constructor(backend: LogBackend, committed: () => void) {
    this.#backend = backend
    this.#committed = committed
  }

  /**
   * Copies a chunk into the next commit, or finds that it is stored already.
   *
   * @throws {TypeError} when the chunk is not one.
   * @throws {LogError} when the chunk is too large, or not its producer's next, or the log poisoned.
   */
  accept(chunk: AppendInput, owner: ChunkOwner, { expectedTail, producer }: Acceptance): Added {
    if (this.#failure !== undefined) throw this.#failure
    const isFull = this.#filling.builder.byteLength >= COMMIT_BYTES
    if (isFull || (expectedTail !== undefined && this.#filling.pending.length > 0)) this.#fill()
    const pending = this.#add(chunk, owner, producer)
    this.#filling.pending.push(pending)
    if (expectedTail !== undefined) {
      this.#filling.expectedTail = expectedTail
      this.#fill()
    }
    this.#accepted++
    this.#running ??= this.#run()
    return pending
  }

  #add(chunk: AppendInput, owner: ChunkOwner, producer: ProducerBatch | undefined): Pending {
    const { producers, maxBatchBytes } = this.#backend
    const { builder } = this.#filling
    if (producer === undefined || producers === undefined) {
      const { count, byteLength } = builder.add(chunk, maxBatchBytes, producer)
      return { owner, count, byteLength, producer, repeats: undefined, offset: undefined }
    }
    const verdict = producers.judge(producer)
    if (verdict.type === "new") {
      const { count, byteLength } = builder.add(chunk, maxBatchBytes, producer)
      producers.accept(producer)
      const added = { owner, count, byteLength, producer, repeats: undefined, offset: undefined }
      this.#underWay.set(keyOf(producer), added)
      return added
    }
    const repeats = verdict.type === "repeat" ? verdict.batch : this.#underWay.get(keyOf(producer))
    return { owner, count: 0, byteLength: 0, producer, repeats, offset: undefined }
  }

  /**
   * Does something to the storage between two commits.
   *
   * @throws {LogError} what it fails with, which poisons the log.
   */
  async between(act: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const done = Promise.withResolvers<void>()
    this.#tasks.push({ act, done })
    this.#running ??= this.#run()
    await done.promise
  }

  /** Settles once nothing accepted waits any more, stored or failed. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#failure === undefined) {
      const task = this.#tasks.shift()
      if (task !== undefined) {
        await this.#do(task)
        continue
      }
      if (this.#full.length === 0) await this.#quiet()
      const group = this.#takeGroup()
      if (group !== undefined) await this.#commit(group)
      else if (this.#tasks.length === 0) break
    }
    this.#running = undefined
  }

  async #do({ act, done }: Task): Promise<void> {
    const failure = await attempt("change the log", act)
    if (failure === undefined) return done.resolve()
    done.reject(failure)
    this.#poison(failure)
  }

  async #commit(group: Group): Promise<void> {
    const commit = group.builder.build(group.expectedTail)
    const failure = await this.#store(commit, group.pending)
    if (failure === undefined) return this.#recycle(group)
    for (const owner of owners(group)) owner.failed(failure)
    if (failure.code === "TAIL_MISMATCH") this.#recycle(group)
    else this.#poison(failure)
  }

  async #store(commit: Commit, pending: readonly Pending[]): Promise<LogError | undefined> {
    let offset = 0
    const failure = await attempt(`store ${commit.count} records`, async () => {
      if (commit.count > 0) offset = (await this.#backend.commit(commit)).offset
    })
    if (failure !== undefined) return failure
    const { level } = this.#backend
    for (const chunk of pending) {
      const { owner, count, byteLength, repeats } = chunk
      if (repeats?.offset === undefined) {
        chunk.offset = toOffset(offset)
        offset += count
        this.#settle(chunk, chunk.offset)
        owner.settled({ offset: chunk.offset, count, level }, byteLength)
      } else {
        const first = { offset: repeats.offset, count: repeats.count }
        owner.settled({ ...first, level, repeated: true }, byteLength)
      }
    }
    this.#committed()
    return undefined
  }

  #settle({ producer, count }: Pending, offset: Offset): void {
    if (producer === undefined) return
    this.#underWay.delete(keyOf(producer))
    this.#backend.producers?.settle(producer, offset, count)
  }

  async #quiet(): Promise<void> {
    let seen = this.#accepted
    let quiet = 0
    for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn++) {
      await Promise.resolve()
      quiet = this.#accepted === seen ? quiet + 1 : 0
      seen = this.#accepted
    }
  }

  #takeGroup(): Group | undefined {
    const full = this.#full.shift()
    if (full !== undefined) return full
    if (this.#filling.pending.length === 0) return undefined
    const group = this.#filling
    this.#filling = this.#takeSpare()
    return group
  }

  /** Takes no more into the group that is being filled. */
  #fill(): void {
    this.#full.push(this.#filling)
    this.#filling = this.#takeSpare()
  }

  #takeSpare(): Group {
    const spare = this.#spare ?? newGroup()
    this.#spare = undefined
    return spare
  }

  #recycle(group: Group): void {
    const keep = group.builder.byteLength <= KEEP_BYTES
    group.builder.reset()
    group.pending = []
    group.expectedTail = undefined
    if (keep) this.#spare = group
  }

  #poison(failure: LogError): void {
    this.#failure = new LogError(
      "POISONED",
      `Cannot append: an earlier write failed (${failure.message}); open the log again`,
      { cause: failure },
    )
    for (const waiting of [...this.#full, this.#filling]) {
      for (const owner of owners(waiting)) owner.failed(this.#failure)
      waiting.pending = []
    }
    this.#full = []
    for (const { done } of this.#tasks.splice(0)) done.reject(this.#failure)
  }
}

function keyOf({ id, epoch, sequence }: ProducerBatch): string {
  return `${epoch}/${sequence}/${id}`
}

function newGroup(): Group {
  return { builder: new CommitBuilder(), pending: [], expectedTail: undefined }
}

/** What an action on the storage fails with, if it does. */
async function attempt(name: string, act: () => Promise<void>): Promise<LogError | undefined> {
  try {
    await act()
    return undefined
  } catch (cause) {
    if (cause instanceof LogError) return cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new LogError("WRITE_FAILED", `Cannot ${name}: ${reason}`, { cause })
  }
}

function owners(group: Group): Set<ChunkOwner> {
  return new Set(group.pending.map((pending) => pending.owner))
}
