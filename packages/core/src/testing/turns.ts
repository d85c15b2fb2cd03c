import { eventLoopTurn } from "../engine/event-loop-turn.ts"
import type { ResolvedLawOptions } from "./law-options.ts"

const TRACE_LENGTH = 200

/** What a promise had come to when all was at rest. */
export type Settled<T> =
  | { readonly state: "fulfilled"; readonly value: T }
  | { readonly state: "rejected"; readonly reason: unknown }
  | { readonly state: "pending" }

/**
 * Counted time: no sleep. All is at rest when nothing was noted for a number of turns and one turn of
 * the event loop, so a promise that never settles is seen as pending, and no case can hang. The event
 * loop has its turn because a long pipe yields to it, and on a busy machine a short pipe takes long.
 */
export class Turns {
  readonly trace: string[] = []
  #events = 0
  readonly #options: Pick<ResolvedLawOptions, "turn" | "quietTurns">

  constructor(options: Pick<ResolvedLawOptions, "turn" | "quietTurns">) {
    this.#options = options
  }

  /** Notes that something has happened. */
  note(event: string): void {
    this.#events++
    this.trace.push(event)
    if (this.trace.length > TRACE_LENGTH) this.trace.shift()
  }

  /** Waits a number of turns. */
  async pass(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await this.#options.turn()
  }

  /** Waits until all is at rest, or until `stop` says so. */
  async quiet(stop: () => boolean = () => false): Promise<void> {
    let seen = this.#events
    for (let idle = 0; idle <= this.#options.quietTurns && !stop(); ) {
      await (idle < this.#options.quietTurns ? this.#options.turn() : eventLoopTurn())
      idle = this.#events === seen ? idle + 1 : 0
      seen = this.#events
    }
  }

  /** Waits until a promise has settled, or all is at rest. */
  async settle<T>(promise: Promise<T>): Promise<Settled<T>> {
    let settled: Settled<T> = { state: "pending" }
    promise.then(
      (value) => {
        settled = { state: "fulfilled", value }
      },
      (reason: unknown) => {
        settled = { state: "rejected", reason }
      },
    )
    await this.quiet(() => settled.state !== "pending")
    return settled
  }
}
