import { ChunkQueue } from "./chunk-queue.ts"

/** What every part of one engine reads and writes while chunks move. */
export interface Flow {
  /** How many chunks the consumer has asked for and not yet got. */
  demand: number
  /** How many chunks wait between stages, in all. */
  queued: number
  /** The last stage that has ended, of itself or by its flush; it and those before it take no more. -1: none. */
  cut: number
  /** Up to this stage none can hand a chunk on now: it has ended, or no chunks are on the move. */
  barrier: number
  /** Sets chunks on the move that were held from outside. */
  run(): void
  /** A stage's callback threw, or it called `error`. */
  failed(index: number, reason: unknown): void
  /** A stage called `terminate`. */
  terminated(index: number): void
}

/** One place that chunks arrive at: a stage, or the way out to the consumer. */
export abstract class Receiver {
  protected readonly flow: Flow
  /** How many chunks wait here. */
  held = 0
  /** How many chunks come before the next: those that wait, and the one being handled. */
  ahead = 0
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
    this.ahead++
    this.flow.queued++
  }

  /** Handles the oldest chunk that waits here; there must be one. */
  takeHeld(): void {
    this.take(this.shift())
  }

  /** Gives the oldest chunk that waits here to the caller; there must be one. */
  shift(): unknown {
    this.held--
    this.ahead--
    this.flow.queued--
    return this.#queue?.shift()
  }

  /** Forgets what waits here. */
  drop(): void {
    this.flow.queued -= this.held
    this.ahead -= this.held
    this.held = 0
    this.#queue?.clear()
  }
}
