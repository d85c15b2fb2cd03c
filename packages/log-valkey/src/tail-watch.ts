import type { LogPlace } from "./log-place.ts"

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
  #connections = 0
  #isLive = false
  #waiting = 0
  #stop: (() => void) | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #polled: string | undefined

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

  /** How often the channel was subscribed to: after each time another server may answer. */
  get connections(): number {
    return this.#connections
  }

  set wake(wake: () => void) {
    this.#wake = wake
  }

  /** There may be more. */
  moved(): void {
    this.#version++
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
        if (isLive) this.#connections++
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
    const seen = range && `${range.tail} ${range.isSealed}`
    if (seen === undefined || seen !== this.#polled) this.#woken()
    this.#polled = seen
  }
}
