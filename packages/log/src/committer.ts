import type { Added } from "./commit-builder.ts"
import type { ChunkOwner, CommitGroup, Pending } from "./commit-group.ts"
import { GroupQueue } from "./group-queue.ts"
import { strongest } from "./level.ts"
import type { AppendInput, Level } from "./log.ts"
import type { CommitResult, LogBackend } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { type Offset, START } from "./offset.ts"
import type { ProducerBatch } from "./producer.ts"

/** A commit starts when it is full, when nothing has arrived for so many microtasks, */
const QUIET_TURNS = 6
/** or after so many in all. */
const MOST_TURNS = 256

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
  readonly level: Level
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
  readonly #queue: GroupQueue = new GroupQueue()
  #running: Promise<void> | undefined
  /** The batches of producers that are on their way. */
  readonly #underWay = new Map<string, Pending>()
  readonly #tasks: Task[] = []
  #accepted = 0
  /** Why nothing new is taken any more: the log is sealed, or about to be. */
  #ended: LogError | undefined
  #failure: LogError | undefined

  constructor(backend: LogBackend, committed: () => void) {
    this.#backend = backend
    this.#committed = committed
  }

  /**
   * Copies a chunk into the next commit, or finds that it is stored already.
   *
   * @throws {TypeError} when the chunk is not one.
   * @throws {LogError} when the chunk is too large, or not its producer's next, or the log is sealed or
   *   poisoned.
   */
  accept(chunk: AppendInput, owner: ChunkOwner, acceptance: Acceptance): Added {
    const { expectedTail, producer, level } = acceptance
    if (this.#failure !== undefined) throw this.#failure
    const queue = this.#queue
    if (expectedTail !== undefined && queue.filling.pending.length > 0) queue.fill()
    const pending = this.#add(chunk, owner, producer)
    const { filling } = queue
    filling.pending.push(pending)
    filling.level = strongest(filling.level, level)
    filling.expectedTail = expectedTail
    if (expectedTail === undefined) queue.fillEnough()
    else queue.fill()
    this.#accepted++
    this.#running ??= this.#run()
    return pending
  }

  #add(chunk: AppendInput, owner: ChunkOwner, producer: ProducerBatch | undefined): Pending {
    const { producers, maxBatchBytes } = this.#backend
    const { builder } = this.#queue.filling
    if (producer === undefined || producers === undefined) {
      // A backend that judges producers itself tells a repeat also when it is sealed.
      const isRefused = producer === undefined || this.#ended?.offset === undefined
      if (this.#ended !== undefined && isRefused) throw this.#ended
      const { count, byteLength } = builder.add(chunk, maxBatchBytes, producer)
      return { owner, count, byteLength, producer, repeats: undefined, outcome: undefined }
    }
    const verdict = producers.judge(producer)
    if (verdict.type === "new") {
      if (this.#ended !== undefined) throw this.#ended
      const { count, byteLength } = builder.add(chunk, maxBatchBytes, producer)
      producers.accept(producer)
      const added = { owner, count, byteLength, producer, repeats: undefined, outcome: undefined }
      this.#underWay.set(keyOf(producer), added)
      return added
    }
    const repeats = verdict.type === "repeat" ? verdict.batch : this.#underWay.get(keyOf(producer))
    // One that was accepted, and refused when it came to be stored.
    if (repeats === undefined && this.#ended !== undefined) throw this.#ended
    return { owner, count: 0, byteLength: 0, producer, repeats, outcome: undefined }
  }

  /** Takes nothing new from now on, for this reason; undefined takes that back. */
  end(reason: LogError | undefined): void {
    this.#ended = reason
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
      await this.#quiet()
      const group = this.#queue.take()
      if (group !== undefined) await this.#commit(group)
      else if (this.#tasks.length === 0) break
    }
    this.#queue.rest()
    this.#running = undefined
  }

  async #do({ act, done }: Task): Promise<void> {
    const failure = await attempt("change the log", act)
    if (!(failure instanceof LogError)) return done.resolve()
    done.reject(failure)
    this.#poison(failure)
  }

  async #commit(group: CommitGroup): Promise<void> {
    const result = await this.#store(group)
    if (result instanceof LogError) {
      group.fail(result)
      if (result.code === "TAIL_MISMATCH") this.#queue.recycle(group)
      else if (result.code === "SEALED") this.#refuse(result)
      else this.#poison(result)
      return
    }
    group.place(result, (chunk, at) => this.#stored(chunk, at))
    group.acknowledge(result.level ?? this.#backend.level)
    this.#committed()
    this.#queue.recycle(group)
  }

  #store(group: CommitGroup): Promise<CommitResult | LogError> {
    const commit = group.builder.build(group.expectedTail, group.level)
    return attempt(`store ${commit.count} records`, async () =>
      // A commit of repeats alone has nothing to store.
      commit.count > 0 ? this.#backend.commit(commit) : { offset: START },
    )
  }

  #stored({ producer, count }: Pending, offset: Offset): void {
    if (producer === undefined) return
    this.#underWay.delete(keyOf(producer))
    this.#backend.producers?.settle(producer, offset, count)
  }

  async #quiet(): Promise<void> {
    let seen = this.#accepted
    let quiet = 0
    for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn++) {
      if (this.#queue.hasFull) return
      await Promise.resolve()
      quiet = this.#accepted === seen ? quiet + 1 : 0
      seen = this.#accepted
    }
  }

  #poison(failure: LogError): void {
    this.#failure = new LogError(
      "POISONED",
      `Cannot append: an earlier write failed (${failure.message}); open the log again`,
      { cause: failure },
    )
    this.#queue.drop(this.#failure)
    for (const { done } of this.#tasks.splice(0)) done.reject(this.#failure)
  }

  /** The log turned out to be sealed: nothing of what waits can be stored. */
  #refuse(failure: LogError): void {
    this.#ended = failure
    this.#queue.drop(failure)
    this.#underWay.clear()
    this.#backend.producers?.refuse()
    this.#committed()
  }
}

function keyOf({ id, epoch, sequence }: ProducerBatch): string {
  return `${epoch}/${sequence}/${id}`
}

/** What an action on the storage gives, or fails with. */
export async function attempt<T>(name: string, act: () => Promise<T>): Promise<T | LogError> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof LogError) return cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new LogError("WRITE_FAILED", `Cannot ${name}: ${reason}`, { cause })
  }
}
