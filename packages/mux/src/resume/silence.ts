import type { Clock } from "@bellmouth/core"
import { MuxError } from "../wire/mux-error.ts"

/** What a {@link Silence} does where nothing comes. */
export interface SilenceHost {
  /** Has the session hear something: that a transport is silent, or away, says nothing of its peer. */
  hear(): void
  /** Nothing has come from the transport for the session's idle time: it is lost, though not closed. */
  giveUp(reason: MuxError): void
}

/** Holds the idle time of a session against each of its transports, and not against the session. */
export class Silence {
  readonly #clock: Clock
  readonly #host: SilenceHost
  #heardAt = 0
  #hasHeard = false
  /** How much of what has come is not taken yet: meanwhile nothing is waited for. */
  #untaken = 0
  #stop: () => void = () => {}

  constructor(clock: Clock, host: SilenceHost) {
    this.#clock = clock
    this.#host = host
  }

  /** A transport is there. `idleTimeoutMs` is what the session stands without hearing anything; 0 for ever. */
  begin(idleTimeoutMs: number): void {
    this.end()
    if (idleTimeoutMs === 0) return
    this.#heardAt = this.#clock.now()
    const look = (): void => {
      this.#stop = this.#clock.schedule(look, Math.max(1, idleTimeoutMs / 3))
      this.#host.hear()
      const now = this.#clock.now()
      if (this.#hasHeard || this.#untaken > 0) this.#heardAt = now
      this.#hasHeard = false
      if (now - this.#heardAt < idleTimeoutMs) return
      this.#host.giveUp(
        new MuxError("CONNECTION_LOST", `Nothing came from the transport for ${idleTimeoutMs} ms`),
      )
    }
    look()
  }

  /** Something has come; fulfils when it is taken. */
  async heard(taken: readonly Promise<void>[]): Promise<void> {
    this.#untaken++
    try {
      await Promise.all(taken)
    } finally {
      this.#untaken--
      this.#hasHeard = true
    }
  }

  end(): void {
    this.#stop()
    this.#stop = () => {}
  }
}
