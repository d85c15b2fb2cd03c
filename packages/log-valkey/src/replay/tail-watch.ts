import type { LogPlace } from "../log-place.ts"

/**
 * Knows whether there may be more at the tail, for all followers of one log. It subscribes to the
 * log's channel while somebody waits, and looks now and then by itself, because a message can be lost.
 */
export class TailWatch {
  readonly #place: LogPlace
  readonly #id: string
  readonly #pollMs: number
  #wake: () => void = () => {}
  #version = 0
  #doubts = 0
  #reached = 0
  #isSealed = false
  #isLive = false
  #waiting = 0
  #stop: (() => void) | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(place: LogPlace, id: string, pollMs: number) {
    this.#place = place
    this.#id = id
    this.#pollMs = pollMs
  }

  /** Goes up when there may be more. While it does not, and `isLive`, there is nothing to look for. */
  get version(): number {
    return this.#version
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Goes up when another server may answer, or the log may be another: then the tail is to be looked at. */
  get doubts(): number {
    return this.#doubts
  }

  set wake(wake: () => void) {
    this.#wake = wake
  }

  /** There may be more. */
  moved(): void {
    this.#version++
  }

  /** Everything before this offset was read, and nothing was found there. */
  reached(tail: number): void {
    this.#reached = tail
  }

  /** Somebody waits at the tail, until the function given back is called. */
  enter(): () => void {
    this.#waiting++
    if (this.#waiting === 1) this.#start()
    return () => {
      this.#waiting--
      if (this.#waiting === 0) this.close()
    }
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#isLive = false
  }

  #start(): void {
    const { router, keys } = this.#place
    this.#stop = router.channels.listen(keys.records, {
      woken: () => this.#woken(),
      live: (isLive) => {
        this.#isLive = isLive
        if (isLive) this.#doubts++
      },
    })
    this.#timer = setInterval(() => void this.#poll(), this.#pollMs)
  }

  #woken(): void {
    this.#version++
    this.#wake()
  }

  async #poll(): Promise<void> {
    // Who is woken asks anew, and is told what is wrong.
    const range = await this.#place.range(this.#id).catch(() => undefined)
    const isAsBefore = range?.tail === this.#reached && range.isSealed === this.#isSealed
    if (isAsBefore) return
    this.#isSealed = range?.isSealed === true
    if (range === undefined || range.tail < this.#reached) this.#doubts++
    this.#woken()
  }
}
