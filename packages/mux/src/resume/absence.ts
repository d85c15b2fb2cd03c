import type { Clock } from "@bellmouth/core"

/** The time without a transport, which a session must not take for the silence of its peer. */
export class Absence {
  readonly #clock: Clock
  readonly #hear: () => void
  #stop: () => void = () => {}

  /** `hear` has the session hear something. */
  constructor(clock: Clock, hear: () => void) {
    this.#clock = clock
    this.#hear = hear
  }

  /** `idleTimeoutMs` is what the session stands without hearing anything; 0 for ever. */
  begin(idleTimeoutMs: number): void {
    this.end()
    if (idleTimeoutMs === 0) return
    const beat = (): void => {
      this.#stop = this.#clock.schedule(beat, Math.max(1, idleTimeoutMs / 3))
      this.#hear()
    }
    beat()
  }

  end(): void {
    this.#stop()
    this.#stop = () => {}
  }
}
