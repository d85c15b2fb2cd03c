import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { Fusible } from "../engine/fusible.ts"
import type { Input } from "../engine/input.ts"
import type { StageOptions } from "../stage/stage.ts"
import { EngineFeed, type Fed } from "./engine-feed.ts"

/**
 * The two ends of something asynchronous that feeds an engine. Stages of ours that are piped into it
 * feed it without a native pipe between; everything else writes to its native writable.
 */
export class AsyncPair<I, O> extends Fusible<O> implements ReadableWritablePair<O, I> {
  readonly readable: ReadableStream<O>
  readonly #input: Input & Fed & UnderlyingSink<I>
  readonly #strategy: QueuingStrategy<I> | undefined
  #isJoined = false
  #writable: WritableStream<I> | undefined

  /** `open` makes what feeds the engine; it may give to it, and end it, at once. */
  constructor(
    open: (engine: Engine) => Input & Fed & UnderlyingSink<I>,
    options: StageOptions<I, O> = {},
  ) {
    super()
    const engine = new Engine()
    this.readable = new EngineReadable<O>(engine, options.readableStrategy)
    this.#strategy = options.writableStrategy
    this.#input = open(engine)
    engine.connectInput(this.#input)
  }

  get writable(): WritableStream<I> {
    if (this.#writable === undefined) {
      this.#writable = new WritableStream<I>(this.#isJoined ? {} : this.#input, this.#strategy)
      if (this.#isJoined) this.#writable.getWriter() // in use, as after any pipe
    }
    return this.#writable
  }

  /** @internal */
  override join(engine: Engine): ReadableStream<O> | undefined {
    if (this.#writable !== undefined || this.#isJoined || this.#strategy !== undefined) {
      return undefined
    }
    this.#isJoined = true
    new EngineFeed(engine, this.#input)
    return this.readable
  }
}
