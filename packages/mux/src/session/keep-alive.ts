import type { Clock } from "@bellmouth/core"

/** What keeping alive needs of its session. */
export interface KeepAliveHost {
  ping(): void
  /** Nothing has come for `idleTimeoutMs`. */
  idle(): void
}

/** Looks, three times in each idle time, whether something has come, and sees to it that something goes. */
export class KeepAlive {
  readonly #clock: Clock
  readonly #host: KeepAliveHost
  readonly #idleTimeoutMs: number
  readonly #intervalMs: number
  #heardAt: number
  #hasHeard = false
  stop: () => void = () => {}

  /** Each side's idle time, 0 for none; at least one is given. */
  constructor(host: KeepAliveHost, clock: Clock, idleTimeoutMs: number, peerIdleTimeoutMs: number) {
    this.#host = host
    this.#clock = clock
    this.#idleTimeoutMs = idleTimeoutMs
    const shortest = Math.min(
      idleTimeoutMs || peerIdleTimeoutMs,
      peerIdleTimeoutMs || idleTimeoutMs,
    )
    // A peer that asks for thousands of pings a second gets a hundred; timers end at 2^31 ms.
    this.#intervalMs = Math.min(Math.max(10, shortest / 3), 1_000_000_000)
    this.#heardAt = clock.now()
    this.#wait()
  }

  /** Something has come. */
  heard(): void {
    this.#hasHeard = true
  }

  #wait(): void {
    this.stop = this.#clock.schedule(this.#look, this.#intervalMs)
  }

  readonly #look = (): void => {
    const now = this.#clock.now()
    if (this.#hasHeard) this.#heardAt = now
    this.#hasHeard = false
    if (this.#idleTimeoutMs > 0 && now - this.#heardAt >= this.#idleTimeoutMs) {
      return this.#host.idle()
    }
    this.#host.ping()
    this.#wait()
  }
}
