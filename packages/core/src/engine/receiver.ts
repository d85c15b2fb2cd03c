import { ChunkQueue } from "./chunk-queue.ts"

/** What every part of one engine reads and writes while chunks move. */
export interface Flow {
  /** How many chunks the consumer has asked for and not yet got. */
  demand: number
  /** How many chunks wait between stages, in all. */
  queued: number
  /** The last stage that has ended by error or terminate; it and those before it take no more. -1: none. */
  cut: number
  /** A stage's callback threw, or it called `error`. */
  failed(index: number, reason: unknown): void
  /** A stage called `terminate`. */
  terminated(index: number): void
}

/** One place that chunks arrive at: a stage, or the way out to the consumer. */
export abstract class Receiver {
  protected readonly flow: Flow
  /** How many chunks wait here. A plain field: it is read for every chunk. */
  held = 0
  #queue: ChunkQueue | undefined

  constructor(flow: Flow) {
    this.flow = flow
  }

  /** Handles one chunk now. */
  abstract take(chunk: unknown): void

  /** Keeps one chunk until the consumer asks for more. */
  hold(chunk: unknown): void {
    this.#queue ??= new ChunkQueue()
    this.#queue.push(chunk)
    this.held++
    this.flow.queued++
  }

  /** Handles the oldest chunk that waits here; there must be one. */
  takeHeld(): void {
    this.held--
    this.flow.queued--
    this.take(this.#queue?.shift())
  }

  /** Forgets what waits here. */
  drop(): void {
    this.flow.queued -= this.held
    this.held = 0
    this.#queue?.clear()
  }
}
