import { toList, toNumber } from "./reply.ts"
import type { Command, Outcome, Wire } from "./wire.ts"

/** How long one `WAITAOF` waits, in milliseconds. */
const WAIT_MS = 2_000

/** What has to have a write on disk before it is acknowledged. */
export interface Durability {
  /** Whether the server itself has to: 1 or 0, as `WAITAOF` wants it. */
  readonly local: 0 | 1
  /** How many replicas have to. */
  readonly replicas: number
}

/** The server did not say that a write is on disk; it may be there, and it may be later. */
export class NotDurableError extends Error {
  override readonly name = "NotDurableError"

  constructor(wanted: Durability, local: number, replicas: number) {
    super(
      `the write was not on disk within ${WAIT_MS} ms: WAITAOF counts ${local} of ${wanted.local} servers and ${replicas} of ${wanted.replicas} replicas`,
    )
  }
}

interface Waiting {
  readonly command: Command
  readonly done: PromiseWithResolvers<Outcome>
}

/**
 * Writes to one server that have to be on disk. `WAITAOF` holds up its connection, so that one for
 * each write would let them through one by one: what arrives while one waits shares the next.
 */
export class DurableLane {
  readonly #wire: Wire
  readonly #durability: Durability
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(wire: Wire, durability: Durability) {
    this.#wire = wire
    this.#durability = durability
  }

  send(command: Command): Promise<Outcome> {
    const done = Promise.withResolvers<Outcome>()
    this.#waiting.push({ command, done })
    if (!this.#isRunning) void this.#run()
    return done.promise
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) await this.#flush(this.#waiting.splice(0))
    this.#isRunning = false
  }

  async #flush(writes: readonly Waiting[]): Promise<void> {
    try {
      const { local, replicas } = this.#durability
      const wait = ["WAITAOF", String(local), String(replicas), String(WAIT_MS)]
      const outcomes = await this.#wire.send([...writes.map(({ command }) => command), wait])
      const fault = this.#check(outcomes.at(-1))
      for (const [index, { done }] of writes.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined || "error" in outcome || fault === undefined) {
          done.resolve(outcome ?? { error: new Error("Cannot tell: there was no reply") })
        } else {
          done.resolve({ error: fault })
        }
      }
    } catch (error) {
      for (const { done } of writes) done.reject(error)
    }
  }

  #check(outcome: Outcome | undefined): unknown {
    if (outcome === undefined) return new Error("Cannot tell: WAITAOF had no reply")
    if ("error" in outcome) return outcome.error
    const [local = 0, replicas = 0] = toList(outcome.reply).map(toNumber)
    const isDurable = local >= this.#durability.local && replicas >= this.#durability.replicas
    return isDurable ? undefined : new NotDurableError(this.#durability, local, replicas)
  }
}
