import { LogError, toOffset } from "@bellmouth/log"
import { findEntry, findLeaf, type IndexEntry, type ObjectSource } from "../commits/commit-index.ts"
import { type LoadedHead, type LogHead, loadHead } from "../commits/log-head.ts"
import type { RefFile } from "../refs/ref-file.ts"
import type { CommitSource } from "./git-cursor.ts"
import { Serial } from "./serial.ts"

/** Where a log stands, as its ref says, looked up when it may have moved. */
export class HeadTracker implements CommitSource {
  readonly objects: ObjectSource
  readonly ref: RefFile
  readonly #isSynced: boolean
  readonly #serial = new Serial()
  /** Told of every move that others have made. */
  readonly #moved: (loaded: LoadedHead) => void
  #head: LogHead
  #next: Promise<void> | undefined

  constructor(
    init: {
      readonly objects: ObjectSource
      readonly ref: RefFile
      readonly head: LogHead
      /** Whether nothing is shown that is not on disk. */
      readonly isSynced: boolean
    },
    moved: (loaded: LoadedHead) => void,
  ) {
    this.objects = init.objects
    this.ref = init.ref
    this.#head = init.head
    this.#isSynced = init.isSynced
    this.#moved = moved
  }

  get head(): LogHead {
    return this.#head
  }

  /** Looks the ref up; callers that come while another waits to do so share it. */
  async fresh(): Promise<void> {
    // While the ref is being moved, what it says may not be on disk yet.
    if (!this.#serial.isBusy && this.ref.read() === this.#head.commit) return
    this.#next ??= this.#serial.run(() => {
      this.#next = undefined
      return this.refresh()
    })
    await this.#next
  }

  /** Does something while nobody looks the ref up. */
  exclusively<T>(act: () => Promise<T>): Promise<T> {
    return this.#serial.run(act)
  }

  /** The head was moved by this log itself. */
  move(head: LogHead): void {
    this.#head = head
  }

  /**
   * Looks the ref up. Not while another does.
   *
   * @throws {LogError} `DIVERGED`, `NOT_A_LOG` or `CORRUPT`.
   */
  async refresh(): Promise<void> {
    const known = this.#head
    const oid = this.ref.read()
    if (oid === known.commit) return
    if (oid === undefined) throw replaced(this.ref, "nothing")
    // Its writer has the objects synced before it moves the ref, and then the ref; so may we.
    if (this.#isSynced) await this.ref.sync()
    const loaded = await loadHead(this.objects, oid, known)
    if (loaded.head.file.id !== known.file.id) {
      throw replaced(this.ref, `the log ${loaded.head.file.id}`)
    }
    if (!loaded.goesOn && !(await this.#holds(loaded.head, known))) throw diverged(known, loaded)
    this.#head = loaded.head
    this.#moved(loaded)
  }

  async tailAfter(known: number): Promise<number> {
    if (this.#head.tail <= known) await this.fresh()
    return this.#head.tail
  }

  async entriesAt(offset: number): Promise<readonly IndexEntry[]> {
    return entriesOf(this.objects, this.#head, offset)
  }

  /** Whether a head has the last commit of records of another one. */
  async #holds(head: LogHead, known: LogHead): Promise<boolean> {
    if (known.tail === 0) return true
    if (head.tail < known.tail) return false
    const [last, found] = await Promise.all(
      [known, head].map(async (at) =>
        findEntry(await entriesOf(this.objects, at, known.tail - 1), known.tail - 1),
      ),
    )
    return last !== undefined && last.entry.commit === found?.entry.commit
  }
}

/** Entries that follow one another, among them that of the record at `offset`. */
export async function entriesOf(
  objects: ObjectSource,
  head: LogHead,
  offset: number,
): Promise<readonly IndexEntry[]> {
  const [first] = head.recent
  if (first !== undefined && offset >= first.offset) return head.recent
  return findLeaf(objects, head.tree.get("index")?.oid, offset)
}

function replaced({ ref, path }: RefFile, what: string): LogError {
  return new LogError(
    "NOT_A_LOG",
    `Cannot read on: ${what} has taken the place of the log at ${ref}; open it anew`,
    { path },
  )
}

function diverged(known: LogHead, { head }: LoadedHead): LogError {
  return new LogError(
    "DIVERGED",
    `Cannot go on: the log's history was replaced; it was at ${known.commit}, with tail ${known.tail}, ` +
      `and is at ${head.commit}, with tail ${head.tail}, which does not go on from there; decide which to keep`,
    { path: head.commit, offset: toOffset(Math.min(known.tail, head.tail)) },
  )
}
