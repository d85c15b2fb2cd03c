import type { Engine } from "../engine/engine.ts"
import type { Input } from "../engine/input.ts"
import { isThenable } from "../is-thenable.ts"
import { SizedQueue } from "../sized-queue.ts"
import { StreamError } from "../stream-error.ts"
import type { FromPushOptions, PushController, PushSource } from "./push-source.ts"

/** Feeds an engine from a push source, through a bounded queue with two water marks. */
export class PushInput<T> implements Input, PushController<T> {
  dropped = 0
  readonly #engine: Engine
  readonly #limits: Required<FromPushOptions<T>>
  readonly #queue = new SizedQueue<T>()
  #source: PushSource<T> | undefined
  #isPaused = false
  #isGiving = false
  /** Set when the source has ended; told once the queue is empty. */
  #ending: { readonly failure?: { readonly reason: unknown } } | undefined

  constructor(engine: Engine, source: PushSource<T>, limits: Required<FromPushOptions<T>>) {
    this.#engine = engine
    this.#limits = limits
    this.#source = source
    const started: unknown = source.start(this)
    if (isThenable(started)) started.then(undefined, (reason: unknown) => this.error(reason))
  }

  get desiredSize(): number {
    return this.#source === undefined ? 0 : this.#limits.highWaterMark - this.#queue.total
  }

  enqueue(chunk: T): void {
    if (this.#source === undefined) return
    try {
      // Behind what is queued, and behind what is on its way when this call comes from within a stage.
      const isNext = this.#engine.hungry && this.#queue.length === 0 && !this.#isGiving
      if (!isNext) return this.#hold(chunk)
      this.#isGiving = true
      this.#engine.accept(chunk)
      this.#isGiving = false
    } catch (reason) {
      this.#fail(reason)
    }
  }

  close(): void {
    this.#endWith({})
  }

  error(reason: unknown): void {
    this.#endWith({ failure: { reason } })
  }

  pull(): void {
    while (this.#engine.hungry) {
      const next = this.#queue.shift()
      if (next === undefined) break
      this.#isGiving = true
      this.#engine.feed(next.chunk)
      this.#isGiving = false
    }
    this.#tellEnd()
    if (!this.#isPaused || this.#queue.total > this.#limits.lowWaterMark) return
    this.#isPaused = false
    this.#tell(() => this.#source?.resume?.())
  }

  async cancel(reason: unknown): Promise<void> {
    this.#queue.clear()
    await this.#stop(reason)
  }

  #hold(chunk: T): void {
    const size = this.#limits.size(chunk)
    if (!(size >= 0)) throw new RangeError(`Cannot queue: size is ${size}, not a number from 0 on`)
    if (this.#makeRoom(chunk, size)) this.#queue.push(chunk, size)
    if (this.#isPaused || this.#queue.total < this.#limits.highWaterMark) return
    this.#isPaused = true
    this.#tell(() => this.#source?.pause?.())
  }

  /** Whether the chunk may be queued; if not, the policy has been applied. */
  #makeRoom(chunk: T, size: number): boolean {
    const { maxQueued, overflow } = this.#limits
    if (this.#queue.total + size <= maxQueued) return true
    switch (overflow) {
      case "error": {
        const state = `${this.#queue.total} are queued, ${size} came, at most ${maxQueued} are kept`
        const advice = "read faster, heed pause(), or choose another overflow policy"
        throw new StreamError("OVERFLOW", `Cannot queue a pushed chunk: ${state}; ${advice}`)
      }
      case "drop-newest":
        this.#drop(chunk)
        return false
      case "drop-oldest":
        if (size > maxQueued) {
          this.#drop(chunk)
          return false
        }
        while (this.#queue.total + size > maxQueued) {
          const oldest = this.#queue.shift()
          if (oldest === undefined) break
          this.#drop(oldest.chunk)
        }
        return true
      default:
        throw new TypeError(
          `Cannot queue: unknown overflow policy ${String(overflow satisfies never)}`,
        )
    }
  }

  #drop(chunk: T): void {
    this.dropped++
    this.#limits.onDrop(chunk)
  }

  #tell(call: () => void): void {
    try {
      call()
    } catch (reason) {
      this.#fail(reason)
    }
  }

  /** We end it, not the source: it must be told, too. */
  #fail(reason: unknown): void {
    // What stopping throws comes second: the reader gets `reason`.
    this.#stop(reason).catch(() => {})
    this.#ending ??= { failure: { reason } }
    this.#tellEnd()
  }

  async #stop(reason: unknown): Promise<void> {
    const source = this.#source
    this.#source = undefined
    await source?.stop?.(reason)
  }

  #endWith(ending: { readonly failure?: { readonly reason: unknown } }): void {
    if (this.#source === undefined) return
    this.#source = undefined
    this.#ending = ending
    this.#tellEnd()
  }

  /** Close and error show at once when nothing is queued, else behind what is. */
  #tellEnd(): void {
    if (this.#ending === undefined || this.#queue.length > 0) return
    const { failure } = this.#ending
    if (failure === undefined) this.#engine.end()
    else this.#engine.failInput(failure.reason)
  }
}
