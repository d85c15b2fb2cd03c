import type { LogCursor, RecordBatch } from "@bellmouth/log"
import { type AppendMessage, decodeAppend } from "../commits/append-message.ts"
import { findEntry, type IndexEntry, type ObjectSource } from "../commits/commit-index.ts"
import { toBatches } from "../commits/record-batches.ts"
import { corrupt } from "../log-fault.ts"
import { decodeCommit } from "../objects/commit-object.ts"

/** How many commits are asked for at a time, at most, and how many bytes of them end that sooner. */
const MAX_GROUP = 128
const GROUPS_AHEAD = 2
const GROUP_BYTES = 262_144

/** What a cursor needs to know of its log. */
export interface CommitSource {
  readonly objects: ObjectSource
  /** The tail; looked up again when it is at `known` or before. */
  tailAfter(known: number): Promise<number>
  /** Entries that follow one another, among them that of the record at `offset`. */
  entriesAt(offset: number): Promise<readonly IndexEntry[]>
}

const EMPTY = Buffer.alloc(0)

interface Group {
  readonly batches: RecordBatch[]
  /** The offset after the last record. */
  readonly end: number
  readonly byteLength: number
}

/**
 * Reads a log forward. The index gives the names of up to 256 commits at a time, so git can be asked for
 * many of them at once, and for the next ones while these are taken.
 */
export class GitCursor implements LogCursor {
  readonly #source: CommitSource
  readonly #ready: RecordBatch[] = []
  #next: number
  #entries: readonly IndexEntry[] = []
  /** Entries that follow, where there are some before the tail that was seen last. */
  #following: Promise<readonly IndexEntry[]> | undefined
  #tail = 0
  #groupSize = 1
  /** The groups that git is at work on, one after another. */
  readonly #asked: AskedCommits[] = []
  #ahead: Promise<Group | { readonly error: unknown }> | undefined

  constructor(source: CommitSource, from: number) {
    this.#source = source
    this.#next = from
  }

  async next(): Promise<RecordBatch | undefined> {
    for (;;) {
      const ready = this.#ready.shift()
      if (ready !== undefined) return ready
      const ahead = await this.#ahead
      this.#ahead = undefined
      if (ahead !== undefined && "error" in ahead) throw ahead.error
      const group = ahead ?? (await this.#read(this.#next))
      if (group === undefined) return undefined
      this.#take(group)
    }
  }

  async close(): Promise<void> {
    await this.#ahead
    this.#ahead = undefined
    this.#asked.length = 0
    this.#ready.length = 0
  }

  #take({ batches, end, byteLength }: Group): void {
    for (const batch of batches) this.#ready.push(batch)
    this.#next = end
    const isLarge = byteLength >= GROUP_BYTES
    this.#groupSize = isLarge
      ? Math.max(1, this.#groupSize >>> 1)
      : Math.min(MAX_GROUP, this.#groupSize * 2)
    // Only what is known: nobody has asked yet for what is appended later.
    const isKnown = findEntry(this.#entries, end) !== undefined
    if (!isKnown && this.#following === undefined) return
    // Kept as a value, so that nobody has to be there when it fails.
    this.#ahead = this.#readAhead(end).catch((error: unknown) => ({ error }))
  }

  async #readAhead(from: number): Promise<Group> {
    if (findEntry(this.#entries, from) === undefined) this.#enter((await this.#following) ?? [])
    return this.#readKnown(from)
  }

  /** Goes on with other entries, and has those behind them looked up. */
  #enter(entries: readonly IndexEntry[]): void {
    this.#entries = entries
    const last = entries.at(-1)
    const end = last === undefined ? Number.POSITIVE_INFINITY : last.offset + last.count
    this.#following = end < this.#tail ? this.#source.entriesAt(end) : undefined
    // Told to who takes them; nobody may.
    this.#following?.catch(() => {})
  }

  async #read(from: number): Promise<Group | undefined> {
    this.#tail = await this.#source.tailAfter(from)
    if (from >= this.#tail) return undefined
    if (findEntry(this.#entries, from) === undefined) {
      this.#enter(await this.#source.entriesAt(from))
    }
    return this.#readKnown(from)
  }

  /** Keeps git at work while what it has given is taken apart; `position` is that of the next group. */
  #askAhead(position: number): void {
    const last = this.#asked.at(-1)
    let next = last === undefined ? position : last.position + last.entries.length
    while (this.#asked.length < GROUPS_AHEAD && next < this.#entries.length) {
      const entries = this.#entries.slice(next, next + this.#groupSize)
      const names = entries.map(({ commit }) => commit)
      const commits = this.#source.objects.readAll(names, "commit")
      // Told to who takes them; nobody may.
      commits.catch(() => {})
      this.#asked.push({ position: next, first: entries[0], entries, commits })
      next += entries.length
    }
  }

  async #readKnown(from: number): Promise<Group> {
    const found = findEntry(this.#entries, from)
    if (found === undefined) {
      const path = this.#entries.at(-1)?.commit ?? "the index"
      throw corrupt({ path, reason: `does not lead to offset ${from}`, offset: from })
    }
    const { objects } = this.#source
    // What was asked for behind a group that turned out to be large is asked for again.
    if (this.#asked[0]?.first !== found.entry) this.#asked.length = 0
    this.#askAhead(found.position)
    const { entries = [], commits: reading } = this.#asked.shift() ?? {}
    const commits = (await reading) ?? []
    this.#askAhead(found.position + entries.length)
    const appends = upTo(GROUP_BYTES, decodeEntries(objects, entries, commits))
    const blobs = appends.flatMap(({ append: { body } }) =>
      typeof body === "string" ? [body] : [],
    )
    const bodies = (await objects.readAll(blobs, "blob")).values()
    const batches: RecordBatch[] = []
    let [end, byteLength] = [from, 0]
    for (const { entry, append } of appends) {
      const { body: inline } = append
      const body = typeof inline === "string" ? (bodies.next().value ?? EMPTY) : inline
      for (const batch of toBatches(append, body, entry)) {
        if (batch.offset + batch.count > from) batches.push(batch)
      }
      end = entry.offset + entry.count
      byteLength += body.length
    }
    return { batches, end, byteLength }
  }
}

/** Commits that git was asked for. */
interface AskedCommits {
  /** Where they stand among the entries that are known. */
  readonly position: number
  readonly first: IndexEntry | undefined
  readonly entries: readonly IndexEntry[]
  readonly commits: Promise<readonly Buffer[]>
}

interface FoundAppend {
  readonly entry: IndexEntry
  readonly append: AppendMessage
}

/** The first commits, as long as their records have no more bytes in all; one at least. */
function upTo(most: number, appends: readonly FoundAppend[]): readonly FoundAppend[] {
  let byteLength = 0
  const end = appends.findIndex(({ append }, position) => {
    for (const run of append.runs) byteLength += run.byteLength
    return position > 0 && byteLength > most
  })
  return end < 0 ? appends : appends.slice(0, end)
}

function decodeEntries(
  { format }: ObjectSource,
  entries: readonly IndexEntry[],
  commits: readonly Buffer[],
): FoundAppend[] {
  return entries.map((entry, position) => {
    const commit = decodeCommit(commits[position] ?? EMPTY, format)
    const append = commit === undefined ? undefined : decodeAppend(commit.message, format)
    if (append?.offset === entry.offset && append.count >= entry.count) return { entry, append }
    const reason = `is not a commit of ${entry.count} records from there on`
    throw corrupt({ path: entry.commit, reason, offset: entry.offset })
  })
}
