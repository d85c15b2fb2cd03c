import type { Input } from "./input.ts"
import { type AnyTransformer, cancelLinks, Link } from "./link.ts"
import { type Outlet, WayOut } from "./outlet.ts"
import type { Flow, Receiver } from "./receiver.ts"

const silent: Outlet = { chunk() {}, close() {}, error() {}, abort() {} }

/**
 * Runs a chain of synchronous stages as one.
 *
 * It is driven by demand: no stage runs before the consumer has asked for output, and each stage
 * holds at most the outputs of one input. Chunks move by plain calls, the deepest stage first.
 */
export class Engine implements Flow {
  demand = 0
  queued = 0
  cut = -1
  barrier: number = Number.POSITIVE_INFINITY
  readonly #links: Link[] = []
  readonly #idlers: Link[] = []
  readonly #wayOut: WayOut = new WayOut(this, silent)
  #first: Receiver = this.#wayOut
  #input: Input | undefined
  #inputEnded = false
  #failure: { readonly reason: unknown } | undefined
  #flushed = 0
  #started = false
  #ended = false
  #running = false
  #asked = false
  #isPulling = false

  /** Whether a stage may still be added: nothing has run yet. */
  get open(): boolean {
    return !this.#started && !this.#ended
  }

  /** Whether an input that has chunks at hand should feed one more; else it is asked later. */
  get hungry(): boolean {
    return this.demand > 0 && this.queued === 0 && !this.#inputEnded && !this.#ended
  }

  /** Where chunks wait for the consumer, if it may take one itself: nothing else would move. */
  get stock(): Receiver | undefined {
    return this.#wayOut.held > 0 && !this.#inputEnded && !this.#running ? this.#wayOut : undefined
  }

  add(transformer: AnyTransformer): void {
    const link = new Link(this, this.#links.length, transformer, this.#wayOut)
    const last = this.#links.at(-1)
    if (last === undefined) this.#first = link
    else last.next = link
    this.#links.push(link)
    if (transformer.idle !== undefined) this.#idlers.push(link)
  }

  connectInput(input: Input): void {
    this.#input = input
  }

  /** Makes `outlet` the one consumer that drives this engine from now on. */
  connectOutlet(outlet: Outlet): void {
    this.#wayOut.outlet = outlet
  }

  drivenBy(outlet: Outlet): boolean {
    return this.#wayOut.outlet === outlet
  }

  /** The consumer wants `count` chunks in all, those it asked for before included. */
  pull(count: number): void {
    // What a stage gave of itself met the demand that the input was asked for: it may have had nothing then.
    if (this.demand === 0) this.#asked = false
    this.demand = count
    this.run()
  }

  /** What the consumer will get, or has got, in place of more chunks. */
  get failure(): { readonly reason: unknown } | undefined {
    return this.#failure
  }

  /** One chunk from an input that is being pulled. Only while the engine is `hungry`. */
  feed(chunk: unknown): void {
    this.#asked = false
    this.#first.take(chunk)
  }

  /** One chunk that comes when it comes: handled now if the consumer waits for it, else kept. */
  accept(chunk: unknown): void {
    if (this.#ended || this.#inputEnded) return
    const isInside = this.#running
    // Behind what came before it, also in the middle of a stage's work or of its start.
    const isNext = this.#started && this.#first.ahead === 0 && (!isInside || this.#isPulling)
    if (isNext && this.hungry) {
      this.#enter()
      this.feed(chunk)
    } else {
      this.#asked = false
      this.#first.hold(chunk)
    }
    if (!isInside) this.#run()
  }

  /** The input has no more chunks. */
  end(): void {
    if (this.#ended || this.#inputEnded) return
    this.#inputEnded = true
    this.#asked = false
    this.run()
  }

  /** The input failed: what it gave before is delivered first. */
  failInput(reason: unknown): void {
    if (this.#ended || this.#inputEnded) return
    this.#failure = { reason }
    this.end()
  }

  run(): void {
    if (!this.#running) this.#run()
  }

  failed(index: number, reason: unknown): void {
    if (this.#ended || index <= this.cut) return
    this.#failure = { reason }
    this.#cutAt(index, reason)
  }

  terminated(index: number): void {
    if (this.#ended || index <= this.cut) return
    this.#failure = undefined
    this.#cutAt(index, new TypeError("Cannot write: the stage has terminated"))
  }

  /** The consumer gives up: everything is dropped, `reason` reaches every stage and the input. */
  cancel(reason: unknown): Promise<void> | undefined {
    if (this.#ended) return undefined
    const thrown = cancelLinks(this.#links.slice(this.#stop()).reverse(), reason)
    const cancelled = this.#cancelInput(reason)
    this.#release()
    if (thrown === undefined) return cancelled
    // The stage's own error is what the caller learns; the input's would hide it.
    cancelled?.catch(() => {})
    throw thrown.reason
  }

  /** The producer gives up: everything is dropped, the consumer sees `reason` at once. */
  abort(reason: unknown): void {
    if (this.#ended) return
    const thrown = cancelLinks(this.#links.slice(this.#stop()), reason)
    this.#wayOut.outlet.abort(thrown === undefined ? reason : thrown.reason)
    this.#release()
    if (thrown !== undefined) throw thrown.reason
  }

  /** Ends stage `index` and all before it; what it has produced goes on. */
  #cutAt(index: number, reason: unknown): void {
    const isInside = this.#running
    const alive = this.#alive()
    // Before any callback: what a stage enqueues or asks for while it is being told comes too late.
    this.#enter()
    this.#cutTo(index)
    this.#inputEnded = true
    this.#asked = false
    this.#dropThrough(index)
    // What an upstream stage throws here comes second: the reader gets `reason`.
    cancelLinks(this.#links.slice(alive, index).reverse(), reason)
    // An input whose close has reached the first stage's flush is over, unless that flush failed.
    const inputIsOver = this.#flushed > 0 && (index > 0 || this.#failure === undefined)
    // A source that fails to cancel can not tell anybody: its consumer has already failed or ended.
    if (!inputIsOver) this.#cancelInput(reason)?.catch(() => {})
    if (!isInside) this.#run()
  }

  /** Takes nothing more from anybody and drops all; gives the first stage that has not yet ended. */
  #stop(): number {
    const alive = this.#alive()
    this.#ended = true
    this.#cutTo(Number.POSITIVE_INFINITY)
    this.#dropThrough(this.#links.length)
    return alive
  }

  #run(): void {
    this.#enter()
    this.#start()
    while (!this.#ended) {
      if (this.queued > 0 && this.demand > 0) {
        // Whoever was asked before may have seen this chunk in the way.
        this.#asked = false
        this.#deepestHeld().takeHeld()
      } else if (this.#inputEnded && (this.queued === 0 || this.#mayFlush())) {
        this.#advance()
      } else if (this.demand > 0 && !this.#asked && this.#input !== undefined) {
        this.#asked = true
        this.#isPulling = true
        this.#input.pull()
        this.#isPulling = false
        if (!this.#asked) continue
        if (!this.#idle(0) && !this.#inputEnded) break
        this.#asked = false
      } else {
        break
      }
    }
    this.#running = false
    this.barrier = Number.POSITIVE_INFINITY
  }

  #enter(): void {
    this.#running = true
    this.barrier = this.cut
  }

  #cutTo(index: number): void {
    this.cut = index
    this.barrier = index
  }

  #start(): void {
    if (this.#started || this.#ended) return
    this.#started = true
    // From the last to the first: what `start` enqueues meets only stages that have started.
    for (const link of this.#links.toReversed()) link.start()
  }

  /** Lets stages from `from` on give what they keep. Whether one did. */
  #idle(from: number): boolean {
    // Most often there are none, and this is asked each time that the consumer waits.
    if (this.#idlers.length === 0) return false
    const { demand } = this
    for (const link of this.#idlers) if (link.index >= from) link.idle()
    return this.demand !== demand || this.queued > 0
  }

  #deepestHeld(): Receiver {
    if (this.#wayOut.held > 0) return this.#wayOut
    return this.#links.findLast((link) => link.held > 0) ?? this.#wayOut
  }

  /** Whether a stage has had all its input, so that closing it need not wait for a reader. */
  #mayFlush(): boolean {
    return this.#failure === undefined && this.#links[this.#alive()]?.held === 0
  }

  /** All input is used up: fail, flush one more stage, or close. */
  #advance(): void {
    const index = this.#alive()
    const link = this.#links[index]
    if (this.#failure !== undefined) {
      // What a stage has gathered came before the error.
      if (this.#idle(index)) return
      const { reason } = this.#failure
      // What these throw comes second: the consumer gets the first error.
      cancelLinks(this.#links.slice(this.#stop()), reason)
      this.#wayOut.outlet.error(reason)
      this.#release()
    } else if (link !== undefined) {
      const input = this.#input
      this.#flushed = index + 1
      link.flush()
      this.#cutTo(Math.max(this.cut, index))
      // Also when the consumer gave up meanwhile: a close that waits must end.
      if (index === 0) input?.flushed?.()
    } else {
      this.#ended = true
      this.#input?.flushed?.()
      this.#wayOut.outlet.close()
      this.#release()
    }
  }

  /** The first stage that has neither flushed nor been cut off. */
  #alive(): number {
    return Math.max(this.#flushed, this.cut + 1)
  }

  #dropThrough(index: number): void {
    for (const link of this.#links.slice(0, index + 1)) link.drop()
    if (index === this.#links.length) this.#wayOut.drop()
  }

  /** At most once; an input that has ended of itself ignores it. */
  #cancelInput(reason: unknown): Promise<void> | undefined {
    const input = this.#input
    this.#input = undefined
    return input?.cancel(reason)
  }

  /** Drops every reference to callbacks of users, and whatever a running stage still enqueues. */
  #release(): void {
    this.#cutTo(Number.POSITIVE_INFINITY)
    this.#links.length = 0
    this.#idlers.length = 0
    this.#input = undefined
    this.#first = this.#wayOut
    this.#wayOut.outlet = silent
  }
}
