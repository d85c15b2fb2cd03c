import { type PipeHost, type PipeLimits, toPipeLimits } from "./append-pipe.ts"
import type { Ack, AppendBatchOptions, AppendInput, Log } from "./log.ts"

/** Where single batches are appended, and what they may ask for. */
export type BatchHost = Pick<PipeHost, "committer" | "appendRefusal"> &
  Pick<Log, "level" | "supports">

/** A batch whose promise has not settled. */
interface Call {
  readonly batch: AppendInput
  readonly limits: PipeLimits
  readonly done: PromiseWithResolvers<Ack>
}

/**
 * Appends single batches, each for a caller of its own. What was accepted and not stored is bounded in bytes, for
 * all calls together; the others wait, and are accepted in the order of the calls.
 */
export class BatchAppender {
  readonly #host: BatchHost
  readonly #waiting = new Set<Call>()
  #bytes = 0

  constructor(host: BatchHost) {
    this.#host = host
  }

  append(batch: AppendInput, options: AppendBatchOptions): Promise<Ack> {
    const done = Promise.withResolvers<Ack>()
    try {
      const limits = toPipeLimits(options, this.#host)
      const refusal = this.#host.appendRefusal()
      if (refusal !== undefined) throw refusal
      const call = { batch, limits, done }
      if (this.#waiting.size > 0 || this.#isFull(call)) this.#waiting.add(call)
      else this.#accept(call)
    } catch (reason) {
      done.reject(reason)
    }
    return done.promise
  }

  #isFull({ limits }: Call): boolean {
    return this.#bytes >= limits.maxPendingBytes
  }

  /** Throws when the batch is refused. */
  #accept({ batch, limits, done }: Call): void {
    const settle = (byteLength: number): void => {
      this.#bytes -= byteLength
      if (this.#waiting.size > 0) this.#acceptWaiting()
    }
    const { byteLength } = this.#host.committer.accept(
      batch,
      {
        settled(ack) {
          done.resolve(ack)
          settle(byteLength)
        },
        failed(error) {
          done.reject(error)
          settle(byteLength)
        },
      },
      limits,
    )
    this.#bytes += byteLength
  }

  #acceptWaiting(): void {
    for (const call of this.#waiting) {
      if (this.#isFull(call)) return
      this.#waiting.delete(call)
      try {
        this.#accept(call)
      } catch (reason) {
        call.done.reject(reason)
      }
    }
  }
}
