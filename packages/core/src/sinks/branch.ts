import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import type { Input } from "../engine/input.ts"
import { SizedQueue } from "../sized-queue.ts"
import { StreamError } from "../stream-error.ts"

/** What bounds a branch of a broadcast, and what happens at the bound. */
export interface BranchLimits<T> {
  readonly highWaterMark: number
  readonly policy: "block" | "error-slow" | "drop-slow"
  readonly onDrop: (chunk: T, branch: number) => void
}

type Failure = { readonly reason: unknown }

/** One branch of a broadcast: a readable, and the chunks that it has not yet taken. */
export class Branch<T> implements Input {
  readonly readable: ReadableStream<T>
  /** Why it has ended by itself, if it has. */
  reason: unknown
  readonly #index: number
  readonly #limits: BranchLimits<T>
  readonly #onChange: () => Promise<void> | undefined
  readonly #engine = new Engine()
  readonly #queue = new SizedQueue<T>()
  #isLive = true
  #ending: { readonly failure: Failure | undefined } | undefined

  constructor(index: number, limits: BranchLimits<T>, onChange: () => Promise<void> | undefined) {
    this.#index = index
    this.#limits = limits
    this.#onChange = onChange
    this.readable = new EngineReadable<T>(this.#engine)
    this.#engine.connectInput(this)
  }

  /** Whether it takes more chunks. */
  get isLive(): boolean {
    return this.#isLive
  }

  /** Whether its consumer waits. */
  get wants(): boolean {
    return this.#engine.hungry && this.#queue.length === 0
  }

  get hasRoom(): boolean {
    return this.#queue.length < this.#limits.highWaterMark || this.wants
  }

  give(chunk: T): void {
    if (!this.#isLive) return
    if (this.wants) this.#engine.accept(chunk)
    else if (this.hasRoom) this.#queue.push(chunk, 1)
    else this.#refuse(chunk)
  }

  /** The source has closed or failed: so will this, after what it keeps. */
  end(failure?: Failure): void {
    if (!this.#isLive) return
    this.#isLive = false
    this.#ending = { failure }
    this.#tellEnd()
  }

  abort(reason: unknown): void {
    this.#isLive = false
    this.#queue.clear()
    this.#engine.abort(reason)
  }

  pull(): void {
    while (this.#engine.hungry) {
      const next = this.#queue.shift()
      if (next === undefined) break
      this.#engine.feed(next.chunk)
    }
    this.#tellEnd()
    void this.#onChange()
  }

  async cancel(reason: unknown): Promise<void> {
    this.#queue.clear()
    if (!this.#isLive) return
    this.#isLive = false
    this.reason = reason
    await this.#onChange()
  }

  #refuse(chunk: T): void {
    if (this.#limits.policy === "drop-slow") {
      this.#limits.onDrop(chunk, this.#index)
      return
    }
    const state = `it is ${this.#limits.highWaterMark} chunks behind; read faster or raise highWaterMark`
    const reason = new StreamError("SLOW_BRANCH", `Cannot keep branch ${this.#index}: ${state}`)
    this.reason = reason
    this.end({ reason })
  }

  #tellEnd(): void {
    if (this.#ending === undefined || this.#queue.length > 0) return
    const { failure } = this.#ending
    if (failure === undefined) this.#engine.end()
    else this.#engine.failInput(failure.reason)
  }
}
