import {
  type Commit,
  type CommitResult,
  type Level,
  type LogBackend,
  type LogCursor,
  LogError,
  type LogSupports,
  type Offset,
} from "@bellmouth/log"
import { CommitSender } from "./append/commit-sender.ts"
import { toText } from "./client/reply.ts"
import { forkLog } from "./fork-log.ts"
import type { LogPlace, LogRange } from "./log-place.ts"
import { SEAL_SCRIPT, TRIM_SCRIPT } from "./log-scripts.ts"
import type { Way } from "./nodes/node-link.ts"
import type { RouterLease } from "./nodes/shared-router.ts"
import { TailWatch } from "./replay/tail-watch.ts"
import { type CursorHost, ValkeyCursor } from "./replay/valkey-cursor.ts"
import { lost, notALog, toFault } from "./valkey-fault.ts"
import { toWay, type WriteLevel } from "./write-level.ts"

/** How many microtasks a replay may take from one look at the head to the next. */
const LOOK_TURNS = 10

/** What a backend begins with, once its log was opened or made. */
export interface ValkeyBackendInit {
  readonly id: string
  readonly place: LogPlace
  readonly lease: RouterLease
  readonly mode: "write" | "read"
  readonly writeLevel: WriteLevel
  /** Whether the server takes transactions. */
  readonly hasTransactions: boolean
  readonly maxBatchBytes: number
  readonly pollMs: number
  /** The place of another log of the same client, by its name. */
  readonly placeOf: (name: string) => Promise<LogPlace>
}

/** The primitives of a log in Valkey. */
export class ValkeyBackend implements LogBackend, CursorHost {
  readonly id: string
  readonly level: Level
  readonly supports: LogSupports
  readonly maxBatchBytes: number
  /** The server judges them: other writers append too. */
  readonly producers: undefined
  readonly place: LogPlace
  readonly tailWatch: TailWatch
  largest = 0
  knownTail = 0
  readonly #init: ValkeyBackendInit
  readonly #sender: CommitSender
  #isSealed = false
  /** Looks at the head that are under way. */
  readonly #looks = new Set<Promise<LogRange>>()

  constructor(init: ValkeyBackendInit) {
    const { id, place, mode, writeLevel, maxBatchBytes, pollMs } = init
    this.id = id
    this.level = writeLevel.level
    this.place = place
    this.maxBatchBytes = maxBatchBytes
    this.supports = {
      append: mode === "write",
      producers: true,
      trim: true,
      seal: true,
      fork: "copy",
      reopen: true,
      manyWriters: true,
      readsAhead: writeLevel.readsAhead,
    }
    this.#init = init
    this.#sender = new CommitSender(id, place, init.hasTransactions)
    this.tailWatch = new TailWatch(place, id, pollMs)
  }

  async start(): Promise<Offset> {
    return (await this.#range()).start
  }

  async tail(): Promise<Offset> {
    return (await this.#range()).tail
  }

  async sealed(): Promise<boolean> {
    // A seal is for good.
    if (!this.#isSealed) await this.#range()
    return this.#isSealed
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const { writeLevel } = this.#init
    const level = commit.level === "disk" ? writeLevel.level : "process"
    await this.#looked()
    try {
      const result = await this.#sender.send(commit, toWay(writeLevel, level))
      this.tailWatch.moved()
      return { ...result, level: writeLevel.isAlways ? writeLevel.level : level }
    } catch (cause) {
      throw toFault("WRITE_FAILED", `store ${commit.count} records`, this.place.keys.records, cause)
    }
  }

  trim(before: Offset): Promise<void> {
    return this.#change(`trim the log before offset ${before}`, TRIM_SCRIPT, [String(before)])
  }

  async seal(): Promise<void> {
    await this.#looked()
    await this.#change("seal the log", SEAL_SCRIPT, [])
    this.#isSealed = true
    this.tailWatch.moved()
  }

  async fork(at: Offset, name: string): Promise<LogBackend> {
    const { placeOf, lease, writeLevel } = this.#init
    const place = await placeOf(name)
    const id = await forkLog({ id: this.id, from: this.place, to: place, at, name, writeLevel })
    return new ValkeyBackend({ ...this.#init, id, place, lease: lease.share() })
  }

  read(from: Offset, lend: boolean): LogCursor {
    return new ValkeyCursor(this, from, lend)
  }

  watch(wake: () => void): () => void {
    this.tailWatch.wake = wake
    return () => this.tailWatch.close()
  }

  async close(): Promise<void> {
    this.tailWatch.close()
    this.#init.lease.release()
  }

  /**
   * Whoever of this process has asked for the tail before an append gets the tail before it, although
   * reads and writes have connections of their own. A replay asks twice, one after the other.
   */
  async #looked(): Promise<void> {
    while (this.#looks.size > 0) {
      await Promise.allSettled(this.#looks)
      for (let turn = 0; turn < LOOK_TURNS; turn++) await Promise.resolve()
    }
  }

  async #range(): Promise<LogRange> {
    const look = this.place.range(this.id)
    this.#looks.add(look)
    const range = await look.finally(() => this.#looks.delete(look))
    this.largest = Math.max(this.largest, range.largest)
    this.knownTail = Math.max(this.knownTail, range.tail)
    if (range.isSealed && !this.#isSealed) {
      this.#isSealed = true
      // By another process, perhaps: a follower that is told of the end has to look for what came before it.
      this.tailWatch.moved()
    }
    return range
  }

  async #change(action: string, script: string, args: readonly string[]): Promise<void> {
    const { writeLevel } = this.#init
    const { keys } = this.place
    try {
      const way: Way = toWay(writeLevel, writeLevel.level)
      const reply = await this.place.run(script, [keys.records, keys.head], [this.id, ...args], way)
      const [outcome, tail] = reply.map(toText)
      if (outcome === "gone") throw notALog(keys.records, "the log was removed, or made anew")
      if (outcome === "lost") throw lost(keys.records, Number(args[0]), Number(tail))
    } catch (cause) {
      if (cause instanceof LogError) throw cause
      throw toFault("WRITE_FAILED", action, keys.records, cause)
    }
  }
}
