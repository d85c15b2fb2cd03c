import { type StoredEntry, toEntries } from "../entries/entry-page.ts"
import type { LogPlace } from "../log-place.ts"
import { toFault } from "../valkey-fault.ts"

/** About how many bytes one page should have, */
const PAGE_BYTES = 1_048_576
/** and how many it may have, when every entry is as large as the largest of the log. */
const MAX_PAGE_BYTES = 33_554_432
const FIRST_COUNT = 8
const MAX_COUNT = 4_096
/** How many pages are under way, or wait, while the consumer has the one before. */
const AHEAD = 2

/** What a reader of pages needs of its log. */
export interface PageHost {
  readonly id: string
  readonly place: Pick<LogPlace, "keys" | "read">
  /** The log reaches at least as far. */
  readonly knownTail: number
  /** The most bytes that an entry of the log has, as far as it is known. */
  largest: number
}

/** What is asked for: entries that end after `from`, and at `until` at most, if that is given. */
interface Ask {
  readonly from: number
  readonly until: number | undefined
  readonly count: number
}

interface Page {
  readonly entries: readonly StoredEntry[]
  /** The offset after its last record. */
  readonly end: number
  /** Whether there may be entries that were asked for, and are not in it. */
  readonly isCut: boolean
}

interface Ahead {
  readonly ask: Ask
  /** Undefined when it has failed. */
  readonly page: Promise<Page | undefined>
}

/**
 * Reads pages of entries, in order. The server fills one page while the one before is on its way: where
 * a page will end is not known then, so it is asked for by offsets, as far as the log is known to reach.
 */
export class PageReader {
  readonly #host: PageHost
  #position: number
  #ahead: Ahead[] = []
  #count = FIRST_COUNT
  /** How many records an entry has, about. */
  #density = Number.POSITIVE_INFINITY

  constructor(host: PageHost, from: number) {
    this.#host = host
    this.#position = from
  }

  /** The offset after what was read. */
  get position(): number {
    return this.#position
  }

  get isAhead(): boolean {
    return this.#ahead.length > 0
  }

  /** Gives the entries of the next page; none at the tail. */
  async next(): Promise<readonly StoredEntry[]> {
    const ahead = this.#ahead.shift()
    const ask = ahead?.ask ?? this.#plan(this.#position)
    // What went wrong ahead of the consumer may be over now, and is told if it is not.
    const page = (await ahead?.page) ?? (await this.#fetch(ask))
    if (page.entries.length === 0) {
      // A look that was begun ahead says nothing of what came since.
      if (ask.until === undefined && ahead === undefined) return page.entries
      // The next entry is longer than was expected, was trimmed, or is new: it is looked for without an end.
      this.#density = Number.POSITIVE_INFINITY
      return this.next()
    }
    this.#position = page.end
    if (page.isCut) this.#ahead.unshift(this.#begin(this.#plan(page.end, ask.until)))
    this.#fill(ask)
    return page.entries
  }

  close(): void {
    this.#ahead = []
  }

  #fill(ask: Ask): void {
    while (this.#ahead.length < AHEAD) {
      const { until } = this.#ahead.at(-1)?.ask ?? ask
      if (until === undefined) break
      this.#ahead.push(this.#begin(this.#plan(until)))
    }
  }

  #plan(from: number, until = from + Math.ceil(this.#count * this.#density)): Ask {
    if (until >= this.#host.knownTail) return { from, until: undefined, count: this.#limit(1) }
    return { from, until, count: this.#limit(2) }
  }

  /** How many entries are asked for; `slack` times as many as are expected. */
  #limit(slack: number): number {
    const most = Math.floor(MAX_PAGE_BYTES / Math.max(1, this.#host.largest))
    return Math.max(1, Math.min(this.#count * slack, most))
  }

  #begin(ask: Ask): Ahead {
    return { ask, page: this.#fetch(ask).catch(() => undefined) }
  }

  async #fetch({ from, until, count }: Ask): Promise<Page> {
    const { id, place } = this.#host
    const { records } = place.keys
    const range = ["XRANGE", records, String(from + 1), until === undefined ? "+" : String(until)]
    try {
      const reply = await place.read(id, [...range, "COUNT", String(count)])
      const entries = toEntries(reply)
      this.#adapt(entries)
      const last = entries.at(-1)
      const end = last === undefined ? from : last.offset + last.count
      const isCut = entries.length === count && end < (until ?? Number.POSITIVE_INFINITY)
      return { entries, end, isCut }
    } catch (cause) {
      throw toFault("READ_FAILED", "read the log", records, cause)
    }
  }

  /** Has the next page hold about as much as it should. */
  #adapt(entries: readonly StoredEntry[]): void {
    if (entries.length === 0) return
    let size = 0
    let records = 0
    for (const { bytes, count } of entries) {
      size += bytes.length
      records += count
      if (bytes.length > this.#host.largest) this.#host.largest = bytes.length
    }
    this.#density = records / entries.length
    const wanted = Math.floor((PAGE_BYTES * entries.length) / Math.max(1, size))
    this.#count = Math.max(1, Math.min(wanted, MAX_COUNT, this.#count * 4))
  }
}
