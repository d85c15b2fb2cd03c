import type { LogCursor, RecordBatch } from "@bellmouth/log"
import { type StoredEntry, toBatches, toEntries } from "./entry-page.ts"
import type { LogPlace } from "./log-place.ts"
import type { TailWatch } from "./tail-watch.ts"
import { lost, toFault } from "./valkey-fault.ts"

/** About how many bytes one page should have, */
const PAGE_BYTES = 524_288
/** and how many it may have, when every entry is as large as the largest of the log. */
const MAX_PAGE_BYTES = 33_554_432
const FIRST_COUNT = 16
const MAX_COUNT = 4_096

/** What a cursor needs of its log. */
export interface CursorHost {
  readonly id: string
  readonly place: LogPlace
  readonly tailWatch: TailWatch
  /** The most bytes that an entry of the log has, as far as it is known. */
  largest: number
}

interface Page {
  readonly entries: readonly StoredEntry[]
  /** Whether there may be more after it. */
  readonly isFull: boolean
}

/** Reads pages of entries, the next one while the consumer has the one before. */
export class ValkeyCursor implements LogCursor {
  readonly #host: CursorHost
  #position: number
  #batches: RecordBatch[] = []
  #count = FIRST_COUNT
  #ahead: Promise<unknown> | undefined
  #leave: (() => void) | undefined
  /** The version of the watch at which there was nothing more. */
  #idleAt: number | undefined
  #doubts: number

  constructor(host: CursorHost, from: number) {
    this.#host = host
    this.#position = from
    this.#doubts = host.tailWatch.doubts
  }

  async next(): Promise<RecordBatch | undefined> {
    const batch = this.#batches.shift()
    if (batch !== undefined) return batch
    const { tailWatch: watch } = this.#host
    if (this.#ahead === undefined && watch.isLive && this.#idleAt === watch.version) {
      return undefined
    }
    const { version } = watch
    const page = await this.#take()
    this.#batches = toBatches(page.entries)
    const last = page.entries.at(-1)
    if (last === undefined) {
      await this.#checkTail()
      watch.reached(this.#position)
      this.#idleAt = version
      this.#leave ??= watch.enter()
      return undefined
    }
    this.#position = last.offset + last.count
    if (page.isFull) this.#ahead = this.#fetch().catch((error: unknown) => ({ error }))
    return this.#batches.shift()
  }

  async close(): Promise<void> {
    this.#leave?.()
    this.#batches = []
    this.#ahead = undefined
  }

  async #take(): Promise<Page> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead === undefined) return this.#fetch()
    const page = await ahead
    if (isPage(page)) return page
    // What went wrong ahead of the consumer may be over now, and is told if it is not.
    return this.#fetch()
  }

  async #fetch(): Promise<Page> {
    const { place } = this.#host
    const { records } = place.keys
    const count = this.#count
    const command = ["XRANGE", records, String(this.#position + 1), "+", "COUNT", String(count)]
    try {
      const entries = toEntries(await place.send(command, { type: "read" }))
      this.#adapt(entries)
      return { entries, isFull: entries.length === count }
    } catch (cause) {
      throw toFault("READ_FAILED", "read the log", records, cause)
    }
  }

  /** Has the next page hold about as much as it should. */
  #adapt(entries: readonly StoredEntry[]): void {
    let size = 0
    for (const { bytes } of entries) {
      size += bytes.length
      if (bytes.length > this.#host.largest) this.#host.largest = bytes.length
    }
    if (entries.length === 0) return
    const wanted = Math.floor((PAGE_BYTES * entries.length) / Math.max(1, size))
    const most = Math.floor(MAX_PAGE_BYTES / Math.max(1, this.#host.largest))
    this.#count = Math.max(1, Math.min(wanted, most, MAX_COUNT, this.#count * 4))
  }

  /** After a change of servers the tail may be one that was before. */
  async #checkTail(): Promise<void> {
    const { id, place, tailWatch } = this.#host
    if (this.#doubts === tailWatch.doubts) return
    const { doubts } = tailWatch
    const { tail } = await place.range(id)
    if (tail < this.#position) throw lost(place.keys.records, this.#position, tail)
    this.#doubts = doubts
  }
}

function isPage(value: unknown): value is Page {
  return typeof value === "object" && value !== null && "isFull" in value
}
