import type { RecordBatch, ReplayBatchesOptions } from "./log.ts"
import type { LogBackend, LogCursor } from "./log-backend.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import { reading, toReadError } from "./reading.ts"
import { sliceBatch } from "./record-batch.ts"
import { type ReplayRange, toReplayRange, trimmed } from "./replay-range.ts"
import type { TailSignal } from "./tail-signal.ts"

/** What a replay needs of its log. */
export interface ReplayHost {
  readonly backend: LogBackend
  readonly tailSignal: TailSignal
  /** Why nothing can be read any more, if so. */
  refusal(): LogError | undefined
  opened(source: ReplaySource): void
  finished(source: ReplaySource): void
}

type ReplayState =
  | { readonly state: "idle" }
  | { readonly state: "open"; readonly cursor: LogCursor; readonly range: ReplayRange }
  | { readonly state: "finished" }

/**
 * The underlying source of a replay: reads one stored batch per pull, and holds none.
 *
 * History and live are one path, the cursor's, so there is no hand-over to get wrong: a follower
 * that finds nothing waits for a wake and asks the same cursor again.
 */
export class ReplaySource implements UnderlyingDefaultSource<RecordBatch> {
  readonly #host: ReplayHost
  readonly #options: ReplayBatchesOptions
  readonly #aborted = (): void => this.failed(this.#options.signal?.reason)
  #controller: ReadableStreamDefaultController<RecordBatch> | undefined
  #state: ReplayState = { state: "idle" }
  #position = 0
  /** Settles when the read under way has let go of the cursor. */
  #reading: PromiseWithResolvers<void> | undefined
  #endWait: (() => void) | undefined

  constructor(host: ReplayHost, options: ReplayBatchesOptions) {
    this.#host = host
    this.#options = options
  }

  start(controller: ReadableStreamDefaultController<RecordBatch>): void {
    this.#controller = controller
    this.#host.opened(this)
    const { signal } = this.#options
    if (signal?.aborted) this.failed(signal.reason)
    else signal?.addEventListener("abort", this.#aborted, { once: true })
  }

  async pull(): Promise<void> {
    this.#reading = Promise.withResolvers()
    let over = false
    try {
      const batch = await this.#next()
      if (this.#state.state === "finished") return
      if (batch !== undefined) this.#controller?.enqueue(batch)
      if (batch === undefined || this.#position >= this.#until()) {
        this.#controller?.close()
        over = true
      }
    } catch (error) {
      this.failed(await this.#toReadError(error))
    } finally {
      this.#reading.resolve()
      this.#reading = undefined
    }
    // The readable has closed already: what fails here has nowhere else to be seen.
    if (over) await this.#leave().catch(() => {})
  }

  async cancel(): Promise<void> {
    await reading(() => this.#leave())
  }

  /** Errors the readable at once, and lets go of everything. */
  failed(reason: unknown): void {
    if (this.#state.state === "finished") return
    this.#controller?.error(reason)
    // The readable has its error already: a cursor that fails to close has nowhere else to say so.
    this.#leave().catch(() => {})
  }

  async #next(): Promise<RecordBatch | undefined> {
    const { cursor, range } = await this.#open()
    while (this.#state.state === "open" && this.#position < range.until) {
      const seen = this.#host.tailSignal.version
      let stored = await cursor.next()
      let isOver = this.#options.follow !== true
      if (stored === undefined && !isOver && (await this.#isSealed())) {
        // It may have been sealed, and appended to before, since the cursor has looked.
        stored = await cursor.next()
        isOver = true
      }
      if (stored !== undefined) {
        if (stored.offset > this.#position) throw gap(this.#position, stored.offset)
        const batch = sliceBatch(stored, this.#position, range.until)
        this.#position = stored.offset + stored.count
        if (batch !== undefined) return batch
      } else if (!isOver && this.#state.state === "open") {
        await this.#host.tailSignal.wait(seen, (end) => {
          this.#endWait = end
        })
        this.#endWait = undefined
      } else if (this.#options.follow !== true && this.#state.state === "open") {
        throw cutOff(this.#position, range.until)
      } else {
        return undefined
      }
    }
    return undefined
  }

  async #isSealed(): Promise<boolean> {
    const { backend } = this.#host
    return backend.supports.seal && this.#state.state === "open" && backend.sealed()
  }

  async #open(): Promise<ReplayState & { state: "open" }> {
    if (this.#state.state === "open") return this.#state
    const refusal = this.#host.refusal()
    if (refusal !== undefined) throw refusal
    const { backend } = this.#host
    const range = toReplayRange(this.#options, await backend.start(), await backend.tail())
    const cursor = backend.read(range.from, this.#options.lend === true)
    const open = { state: "open", cursor, range } as const
    if (this.#state.state === "finished") await cursor.close()
    else this.#state = open
    this.#position = range.from
    return open
  }

  /** A record that was trimmed while it was waited for is no fault of the storage. */
  async #toReadError(error: unknown): Promise<unknown> {
    if (this.#state.state === "open") {
      const start = await this.#host.backend.start().catch(() => undefined)
      if (start !== undefined && this.#position < start)
        return trimmed("replay from", this.#position, start)
    }
    return toReadError(error)
  }

  #until(): number {
    return this.#state.state === "open" ? this.#state.range.until : 0
  }

  async #leave(): Promise<void> {
    const left = this.#state
    if (left.state === "finished") return
    this.#state = { state: "finished" }
    this.#options.signal?.removeEventListener("abort", this.#aborted)
    this.#host.finished(this)
    this.#endWait?.()
    if (left.state === "open") await this.#closeCursor(left.cursor)
  }

  async #closeCursor(cursor: LogCursor): Promise<void> {
    await this.#reading?.promise
    await cursor.close()
  }
}

function gap(wanted: number, seen: Offset): LogError {
  return new LogError(
    "CORRUPT",
    `Cannot replay from offset ${wanted} on: the storage goes on at ${seen}; restore it from a copy`,
    { offset: toOffset(wanted) },
  )
}

function cutOff(position: number, until: number): LogError {
  return new LogError(
    "CORRUPT",
    `Cannot replay from offset ${position} on: the storage ends there, and should have records before ${until}; restore it from a copy`,
    { offset: toOffset(position) },
  )
}
