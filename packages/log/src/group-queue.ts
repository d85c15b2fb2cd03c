import { CommitGroup } from "./commit-group.ts"
import type { LogError } from "./log-error.ts"

/** A group takes no further chunk once it holds as many bytes. */
const COMMIT_BYTES = 1_048_576
/** A buffer that grew past this is not kept, nor are as many together while nothing is to be stored. */
const KEEP_BYTES = 4_194_304

/**
 * What was accepted and is not on its way to the storage: groups that are full, and one that is being filled.
 *
 * The buffers of groups that were stored are filled again: with a new one for each commit, clearing its memory and
 * collecting it took as long as storing it.
 */
export class GroupQueue {
  #filling: CommitGroup = new CommitGroup()
  #full: CommitGroup[] = []
  #spare: CommitGroup[] = []

  /** The group that takes the next chunk. */
  get filling(): CommitGroup {
    return this.#filling
  }

  get hasFull(): boolean {
    return this.#full.length > 0
  }

  /** Takes no more into the group that is being filled, when it holds enough. */
  fillEnough(): void {
    if (this.#filling.byteLength >= COMMIT_BYTES) this.fill()
  }

  /** Takes no more into the group that is being filled. */
  fill(): void {
    const { capacity } = this.#filling
    this.#full.push(this.#filling)
    // The next one comes to as many bytes, most likely, and need not grow to them.
    this.#filling = this.#spare.pop() ?? new CommitGroup(Math.min(capacity, 2 * COMMIT_BYTES))
  }

  /** The next group, full or not; undefined when there is nothing to store. */
  take(): CommitGroup | undefined {
    if (this.#full.length === 0 && this.#filling.pending.length > 0) this.fill()
    return this.#full.shift()
  }

  /** Keeps a group that nobody waits for any more, to be filled again. */
  recycle(group: CommitGroup): void {
    group.reset()
    if (group.capacity <= KEEP_BYTES) this.#spare.push(group)
  }

  /** Gives up the buffers that a rush has left, now that it is over. */
  rest(): void {
    let kept = this.#filling.capacity
    this.#spare = this.#spare.filter(({ capacity }) => (kept += capacity) <= KEEP_BYTES)
  }

  /** Nothing of what waits will be stored. */
  drop(failure: LogError): void {
    const waiting = [...this.#full, this.#filling]
    this.#full = []
    this.#filling = new CommitGroup()
    for (const group of waiting) group.fail(failure)
  }
}
