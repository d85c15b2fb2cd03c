import type { Engine } from "../engine/engine.ts"
import type { Input } from "../engine/input.ts"
import type { Fed } from "./engine-feed.ts"
import type { Feed } from "./feed.ts"

type Work<I, O> = (
  chunk: I,
  context: { readonly index: number; readonly signal: AbortSignal },
) => O | PromiseLike<O>

type Slot<O> =
  | { readonly state: "running" }
  | { readonly state: "done"; readonly value: O }
  | { readonly state: "failed" }

interface Settle {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** A window over a stream: so many chunks are worked on at a time, and leave in the order they came. */
export class OrderedWindow<I, O> implements Input, UnderlyingSink<I>, Fed {
  readonly #engine: Engine
  readonly #size: number
  #work: Work<I, O> | undefined
  readonly #abortion = new AbortController()
  #feed: Feed | undefined
  #isBegun = false
  /** The oldest chunk's first; its index in the stream is `#delivered`. */
  #slots: Slot<O>[] = []
  #delivered = 0
  #taken = 0
  /** The chunk that came before anybody had read. */
  #early: { readonly chunk: I } | undefined
  #waiting: Settle | undefined
  #closing: Settle | undefined
  #failure: { readonly reason: unknown } | undefined
  /** Why nothing more is taken. */
  #useless: { readonly reason: unknown } | undefined

  constructor(engine: Engine, size: number, work: Work<I, O>) {
    this.#engine = engine
    this.#size = size
    this.#work = work
  }

  get hungry(): boolean {
    return this.#isBegun && this.#work !== undefined && this.#slots.length < this.#size
  }

  start(controller: WritableStreamDefaultController): void {
    // A native writable calls `abort` only once the write that waits for room is settled.
    const onAbort = (): void => this.abortNow(controller.signal.reason)
    controller.signal?.addEventListener("abort", onAbort, { once: true })
    this.attach({ want() {}, stop: (reason) => controller.error(reason) as undefined })
  }

  attach(feed: Feed): undefined {
    this.#feed = feed
    // What a source's cancel throws comes second: the stage has ended before.
    if (this.#useless !== undefined) feed.stop(this.#useless.reason)?.catch(() => {})
  }

  /** There is room: the write before resolved when there was. */
  write(chunk: I): Promise<void> | undefined {
    if (this.#isBegun) this.#take(chunk)
    else this.#early = { chunk }
    if (this.hungry) return undefined
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#closing = { resolve, reject }
      this.#advance()
    })
  }

  abort(reason: unknown): void {
    this.#drop(reason)
    this.#engine.abort(reason)
  }

  abortNow(reason: unknown): void {
    this.abort(reason)
  }

  fail(reason: unknown): void {
    this.#failure = { reason }
    this.#work = undefined
    this.#slots.push({ state: "failed" })
    this.#advance()
  }

  pull(): void {
    const early = this.#early
    this.#early = undefined
    this.#isBegun = true
    if (early !== undefined) this.#take(early.chunk)
    if (early !== undefined && this.hungry) this.#makeRoom()
    this.#advance()
    if (this.hungry) this.#feed?.want()
  }

  cancel(reason: unknown): Promise<void> | undefined {
    this.#drop(reason)
    return this.#feed?.stop(reason)
  }

  #take(chunk: I): void {
    const index = this.#taken++
    this.#slots.push({ state: "running" })
    this.#run(chunk, index).then(
      (value) => this.#settle(index, { state: "done", value }),
      (reason: unknown) => this.#failAt(index, reason),
    )
  }

  async #run(chunk: I, index: number): Promise<O> {
    if (this.#work === undefined) throw new TypeError("Cannot map: the stream has ended")
    return await this.#work(chunk, { index, signal: this.#abortion.signal })
  }

  #settle(index: number, slot: Slot<O>): void {
    const place = index - this.#delivered
    // After a drop, or behind a failure, nobody waits for it.
    if (place < 0 || place >= this.#slots.length) return
    this.#slots[place] = slot
    this.#advance()
  }

  #failAt(index: number, reason: unknown): void {
    const place = index - this.#delivered
    if (place < 0 || place >= this.#slots.length) return
    // The first failure in time is the stream's, whichever chunk's results it comes after.
    this.#failure ??= { reason }
    this.#work = undefined
    this.#slots.length = place + 1
    this.#useless ??= this.#failure
    // What a source's cancel throws comes second: the reader gets the failure.
    this.#feed?.stop(this.#failure.reason)?.catch(() => {})
    this.#rejectWriter(this.#failure.reason)
    this.#settle(index, { state: "failed" })
  }

  /** Gives what is due, and says what has come to an end. */
  #advance(): void {
    while (this.#engine.hungry) {
      const [slot] = this.#slots
      if (slot?.state !== "done") break
      this.#slots.shift()
      this.#delivered++
      this.#engine.accept(slot.value)
      this.#makeRoom()
    }
    const isAtWork = this.#slots.some((slot) => slot.state === "running")
    if (this.#failure !== undefined) {
      if (!isAtWork) this.#abortion.abort(this.#failure.reason)
      if (this.#slots[0]?.state === "failed") this.#engine.failInput(this.#failure.reason)
    } else if (this.#closing !== undefined && !isAtWork) {
      this.#work = undefined
      this.#closing.resolve()
      if (this.#slots.length === 0) this.#engine.end()
    }
  }

  #makeRoom(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve()
  }

  #drop(reason: unknown): void {
    this.#work = undefined
    this.#early = undefined
    this.#useless ??= { reason }
    this.#slots = []
    this.#delivered = this.#taken
    this.#abortion.abort(reason)
    this.#rejectWriter(reason)
  }

  #rejectWriter(reason: unknown): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(reason)
    this.#closing?.reject(reason)
  }
}
