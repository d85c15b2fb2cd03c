import { Branch, type BranchLimits } from "./branch.ts"

/** Reads one readable and hands each chunk to every branch that is still there. */
export class Broadcaster<T> {
  readonly readables: ReadableStream<T>[]
  /** How the source, or `onDrop`, failed, if one did. */
  failure: { readonly reason: unknown } | undefined
  readonly #reader: ReadableStreamDefaultReader<T>
  readonly #branches: readonly Branch<T>[]
  readonly #isBlocking: boolean
  #isReading = false
  #isOver = false

  constructor(readable: ReadableStream<T>, count: number, limits: BranchLimits<T>) {
    this.#reader = readable.getReader()
    this.#isBlocking = limits.policy === "block"
    const onChange = (): Promise<void> | undefined => this.#step()
    this.#branches = Array.from(
      { length: count },
      (_, index) => new Branch(index, limits, onChange),
    )
    this.readables = this.#branches.map((branch) => branch.readable)
    // Close and error show even when nobody reads; a read in flight tells of them itself.
    this.#reader.closed.then(
      () => !this.#isReading && this.#close(),
      (reason: unknown) => !this.#isReading && this.#fail(reason),
    )
  }

  /** Fails every branch at once, without what it keeps, and cancels the source. */
  abort(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const branch of this.#branches) branch.abort(reason)
    // What cancelling throws comes second: the branches get `reason`.
    this.#reader.cancel(reason).catch(() => {})
  }

  /** A branch wants a chunk, has room again, or has gone. */
  #step(): Promise<void> | undefined {
    if (this.#isOver) return undefined
    const live = this.#branches.filter((branch) => branch.isLive)
    if (live.length === 0) return this.#cancel()
    if (this.#isReading || !live.some((branch) => branch.wants)) return undefined
    if (this.#isBlocking && !live.every((branch) => branch.hasRoom)) return undefined
    this.#isReading = true
    this.#reader.read().then(this.#onRead, (reason: unknown) => this.#fail(reason))
    return undefined
  }

  readonly #onRead = (result: ReadableStreamReadResult<T>): void => {
    if (result.done) return this.#close()
    try {
      for (const branch of this.#branches) branch.give(result.value)
    } catch (reason) {
      return this.#failSelf(reason)
    }
    this.#isReading = false
    // What a last branch's end throws here is the source's cancel: nobody is left to tell.
    this.#step()?.catch(() => {})
  }

  #cancel(): Promise<void> {
    this.#isOver = true
    const reasons = this.#branches.map((branch) => branch.reason)
    const message = "Cannot go on reading: every branch of the broadcast has ended"
    return this.#reader.cancel(new AggregateError(reasons, message))
  }

  #close(): void {
    this.#isOver = true
    for (const branch of this.#branches) branch.end()
  }

  /** The caller's `onDrop` threw: the source has to be told, too. */
  #failSelf(reason: unknown): void {
    this.#fail(reason)
    // What cancelling throws comes second: the branches get `reason`.
    this.#reader.cancel(reason).catch(() => {})
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.failure = { reason }
    for (const branch of this.#branches) branch.end({ reason })
  }
}
