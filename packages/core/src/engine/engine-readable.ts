import { readValues } from "../read-values.ts"
import type { Engine } from "./engine.ts"
import { EngineIterator } from "./engine-iterator.ts"
import { EnginePipe } from "./engine-pipe.ts"
import { Fusible } from "./fusible.ts"
import type { Handover } from "./handover.ts"
import { isPlain } from "./pipe-options.ts"
import { ReadableOutlet } from "./readable-outlet.ts"

/** Some runtimes count queues in 32 bits. */
const MOST_QUEUED = 2 ** 31 - 1

/** The readable end of an engine: a real `ReadableStream` that lets stages of ours join it. */
export class EngineReadable<O> extends ReadableStream<O> {
  readonly #engine: Engine
  readonly #home: ReadableOutlet
  readonly #isBoundary: boolean

  constructor(engine: Engine, strategy?: QueuingStrategy<O>) {
    // Finite, so that `desiredSize` always tells an empty queue from one that holds something.
    const highWaterMark = Math.min(
      strategy?.highWaterMark ?? (strategy === undefined ? 0 : 1),
      MOST_QUEUED,
    )
    const home = new ReadableOutlet(engine, highWaterMark)
    // Not spread: the standard's strategies have their `size` on the prototype.
    const size = strategy?.size
    super(home, size === undefined ? { highWaterMark } : { highWaterMark, size })
    engine.connectOutlet(home)
    this.#engine = engine
    this.#home = home
    this.#isBoundary = strategy !== undefined
  }

  /** Locks `readable` to a consumer that will drive its engine, if it is ours and nothing has run. */
  static takeOver(readable: ReadableStream<unknown>): Handover | undefined {
    if (!(#engine in readable) || !readable.#isFree()) return undefined
    return { engine: readable.#engine, home: readable.#home, reader: readable.getReader() }
  }

  override pipeThrough<T>(
    transform: ReadableWritablePair<T, O>,
    options?: StreamPipeOptions,
  ): ReadableStream<T> {
    if (transform instanceof Fusible && isPlain(options) && this.#isFree()) {
      const readable: ReadableStream<T> | undefined = transform.join(this.#engine)
      if (readable !== undefined) {
        this.getReader() // locked for good, as after any pipe
        return readable
      }
    }
    return super.pipeThrough(transform, options)
  }

  override pipeTo(destination: WritableStream<O>, options?: StreamPipeOptions): Promise<void> {
    const isOpen = destination instanceof WritableStream && !destination.locked
    const handover = isOpen && isSignal(options?.signal) ? EngineReadable.takeOver(this) : undefined
    if (handover === undefined) return super.pipeTo(destination, options)
    return new EnginePipe(handover, destination, options ?? {}).finished
  }

  override values(options?: ReadableStreamIteratorOptions): ReadableStreamAsyncIterator<O> {
    const handover = options?.preventCancel ? undefined : EngineReadable.takeOver(this)
    if (handover !== undefined) return new EngineIterator<O>(handover)
    // Old browsers have no async iteration.
    return super.values === undefined ? readValues(this, options) : super.values(options)
  }

  override [Symbol.asyncIterator](
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<O> {
    return this.values(options)
  }

  #isFree(): boolean {
    return (
      !this.#isBoundary && !this.locked && this.#engine.open && this.#engine.drivenBy(this.#home)
    )
  }
}

/** Anything else is the platform's to refuse. */
function isSignal(signal: AbortSignal | undefined): boolean {
  return signal === undefined || signal instanceof AbortSignal
}
