import type { LogCursor, RecordBatch } from "@bellmouth/log"
import { EntryJoiner, type StoredEntry } from "../entries/entry-page.ts"
import type { LogPlace } from "../log-place.ts"
import { lost, missing } from "../valkey-fault.ts"
import { type PageHost, PageReader } from "./page-reader.ts"
import type { TailWatch } from "./tail-watch.ts"

/** What a cursor needs of its log. */
export interface CursorHost extends PageHost {
  readonly place: LogPlace
  readonly tailWatch: TailWatch
}

/** Gives the batches of pages, and waits at the tail. */
export class ValkeyCursor implements LogCursor {
  readonly #host: CursorHost
  readonly #pages: PageReader
  readonly #joiner: EntryJoiner
  #entries: readonly StoredEntry[] = []
  /** How many of them were given. */
  #given = 0
  #leave: (() => void) | undefined
  /** The version of the watch at which there was nothing more. */
  #idleAt: number | undefined
  #doubts: number

  constructor(host: CursorHost, from: number, lend: boolean) {
    this.#host = host
    this.#joiner = new EntryJoiner(lend)
    this.#pages = new PageReader(host, from)
    this.#doubts = host.tailWatch.doubts
  }

  async next(): Promise<RecordBatch | undefined> {
    if (this.#given === this.#entries.length && !(await this.#turn())) return undefined
    const { batch, taken } = this.#joiner.next(this.#entries, this.#given)
    this.#given += taken
    return batch
  }

  async close(): Promise<void> {
    this.#leave?.()
    this.#entries = []
    this.#given = 0
    this.#pages.close()
  }

  /** Takes the next page; gives false at the tail. */
  async #turn(): Promise<boolean> {
    const { tailWatch: watch } = this.#host
    if (!this.#pages.isAhead && watch.isLive && this.#idleAt === watch.version) return false
    const { version } = watch
    this.#given = 0
    this.#entries = []
    this.#entries = await this.#pages.next()
    if (this.#entries.length > 0 || (await this.#isNotOver())) return true
    watch.reached(this.#pages.position)
    this.#idleAt = version
    this.#leave ??= watch.enter()
    return false
  }

  /**
   * Looks at the head when it is to be doubted that the records end here: after a change of servers the tail may be one
   * that was before; and a server may have given up records by itself, or somebody removed them.
   */
  async #isNotOver(): Promise<boolean> {
    const { id, place, tailWatch, knownTail } = this.#host
    const { position } = this.#pages
    if (this.#doubts === tailWatch.doubts && position >= knownTail) return false
    const { doubts } = tailWatch
    const { tail } = await place.range(id)
    if (tail < position) throw lost(place.keys.records, position, tail)
    this.#doubts = doubts
    if (tail === position) return false
    // What came since is there now.
    this.#entries = await this.#pages.next()
    if (this.#entries.length === 0) throw missing(place.keys.records, position, tail)
    return true
  }
}
