import type { Log } from "../log.ts"
import { toOffset } from "../offset.ts"
import type { ClaimContext, ConformanceLog, ConformanceSubject } from "./conformance-case.ts"

/** The logs of one case: made for it, and closed and disposed of after it. */
export class Subjects {
  readonly #subject: ConformanceSubject
  readonly #made: ConformanceLog[] = []
  /** What is open, and what it is an opening of. */
  readonly #open = new Map<Log, ConformanceLog>()

  constructor(subject: ConformanceSubject) {
    this.#subject = subject
  }

  async context(): Promise<ClaimContext> {
    const { supports, create, beside } = this.#subject
    const first = this.#keep(await create())
    const { log } = first
    return {
      log,
      supports,
      another: async () => this.#keep(await create()).log,
      fork: (at, origin = log) => this.#fork(origin, at),
      remove: (gone) => this.#remove(gone),
      reopen: (closed = log) => this.#reopen(this.#of(closed)),
      beside: async () => {
        if (beside === undefined) throw new TypeError("Cannot open the log twice: no beside()")
        const again = await beside(log)
        this.#open.set(again, first)
        return again
      },
    }
  }

  async dispose(): Promise<void> {
    await this.#closeAll()
    for (const one of this.#made.reverse()) await one.dispose?.()
  }

  #keep(one: ConformanceLog): ConformanceLog {
    this.#made.push(one)
    this.#open.set(one.log, one)
    return one
  }

  async #fork(log: Log, at: number): Promise<Log> {
    const { fork } = this.#of(log)
    const offset = toOffset(at)
    if (fork !== undefined) return this.#keep(await fork(offset)).log
    return this.#keep({ log: await log.fork(offset, crypto.randomUUID()) }).log
  }

  async #remove(log: Log): Promise<void> {
    const one = this.#of(log)
    await log.close()
    this.#open.delete(log)
    this.#made.splice(this.#made.indexOf(one), 1)
    await one.dispose?.()
  }

  async #reopen(one: ConformanceLog): Promise<Log> {
    const { reopen } = one
    if (reopen === undefined) {
      throw new TypeError("Cannot reopen the log: the subject has no reopen()")
    }
    await this.#closeAll()
    const again = await reopen()
    this.#open.set(again, one)
    return again
  }

  async #closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((log) => log.close()))
  }

  #of(log: Log): ConformanceLog {
    const one = this.#open.get(log)
    if (one === undefined) throw new TypeError("Cannot find the log: it is not of this case")
    return one
  }
}
