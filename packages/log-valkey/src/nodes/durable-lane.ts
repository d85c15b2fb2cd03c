import { toNumber } from "../client/reply.ts"
import type { Command, Outcome, Wire } from "../client/wire.ts"

/** How long the server waits before it says how far it came, in milliseconds. */
const WAIT_MS = "2000"

/** What has to hold a write before it is acknowledged. */
export interface Durability {
  /** Whether the server has to have it on disk. */
  readonly isSynced: boolean
  /** How many replicas have to have it. */
  readonly replicas: number
}

/** The server did not say that a write is safe; it may be, and it may be later. */
export class NotDurableError extends Error {
  override readonly name = "NotDurableError"

  constructor(command: Command, wanted: number, seen: number) {
    super(
      `the write was not safe within ${WAIT_MS} ms: ${String(command[0])} counts ${seen} of ${wanted}`,
    )
  }
}

interface Waiting {
  readonly commands: readonly Command[]
  readonly done: PromiseWithResolvers<readonly Outcome[]>
}

/**
 * Writes to one server that have to be safe. `WAITAOF` and `WAIT` speak of what their connection has
 * written, and hold it up, so that one for each write would let the writes through one by one: what
 * arrives while one waits shares the next.
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

  /** Gives the outcomes of commands, which are sent with nothing between them; only the last tells what is safe. */
  send(commands: readonly Command[]): Promise<readonly Outcome[]> {
    const done = Promise.withResolvers<readonly Outcome[]>()
    this.#waiting.push({ commands, done })
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
      const waits = this.#waits()
      const commands = [
        ...writes.flatMap((write) => write.commands),
        ...waits.map((wait) => wait.command),
      ]
      const outcomes = await this.#wire.send(commands)
      const said = outcomes.slice(outcomes.length - waits.length)
      const fault = waits.map((wait, index) => faultOf(wait, said[index])).find(Boolean)
      let sent = 0
      for (const { commands: own, done } of writes) {
        const said = outcomes.slice(sent, (sent += own.length))
        const last = said.pop() ?? NO_REPLY
        done.resolve([...said, "error" in last || fault === undefined ? last : { error: fault }])
      }
    } catch (error) {
      for (const { done } of writes) done.reject(error)
    }
  }

  #waits(): Wait[] {
    const { isSynced, replicas } = this.#durability
    const waits: Wait[] = []
    if (isSynced) waits.push({ command: ["WAITAOF", "1", "0", WAIT_MS], wanted: 1 })
    if (replicas > 0) waits.push({ command: ["WAIT", String(replicas), WAIT_MS], wanted: replicas })
    return waits
  }
}

/** A question to the server, and the count that is wanted. */
interface Wait {
  readonly command: Command
  readonly wanted: number
}

const NO_REPLY: Outcome = { error: new Error("there was no reply") }

/** Both return when their time is over, too: only the count tells. */
function faultOf({ command, wanted }: Wait, outcome: Outcome = NO_REPLY): unknown {
  if ("error" in outcome) return outcome.error
  const { reply } = outcome
  const seen = toNumber(Array.isArray(reply) ? reply[0] : reply)
  return seen >= wanted ? undefined : new NotDurableError(command, wanted, seen)
}
