import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { Fusible } from "../engine/fusible.ts"
import type { AnyTransformer } from "../engine/link.ts"
import type { SyncTransformer } from "../engine/sync-transformer.ts"
import { WritableInput } from "../engine/writable-input.ts"

/** Options of a stage. A strategy asks for a queue at that end: the stage does not fuse there. */
export interface StageOptions<I, O> {
  readonly writableStrategy?: QueuingStrategy<I>
  readonly readableStrategy?: QueuingStrategy<O>
}

/** One object for all stages without options: stages are made by the dozen. */
const NO_OPTIONS: Readonly<Record<never, never>> = {}

interface Ends<I, O> {
  readonly readable: ReadableStream<O>
  readonly writable: WritableStream<I>
}

/**
 * A synchronous transform stream: a `{ readable, writable }` pair, as `CompressionStream` is.
 *
 * Stages that are piped into one another run as one: `a.pipeThrough(b).pipeThrough(c)` costs one
 * native hop. A stage runs only when what follows asks for output and holds at most the outputs of
 * one input. What a failing stage has enqueued before is delivered before the error. Each stage
 * serves one pipe.
 *
 * Not fused, but piped as the standard does: what has a strategy at the end in question, what is
 * piped with options, and what has been read or locked before. Extend it to name a transform.
 *
 * @see https://streams.spec.whatwg.org/#transformer-api
 *
 * @example A transform with a name
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, Stage, toArray } from "@bellmouth/core"
 *
 * class UpperCaseStream extends Stage<string, string> {
 *   constructor() {
 *     super({
 *       transform(chunk, controller) {
 *         controller.enqueue(chunk.toUpperCase())
 *       },
 *     })
 *   }
 * }
 * assert.deepEqual(await toArray(from(["a"]).pipeThrough(new UpperCaseStream())), ["A"])
 * ```
 */
export class Stage<I, O> extends Fusible<O> implements ReadableWritablePair<O, I> {
  #transformers: readonly AnyTransformer[]
  readonly #options: StageOptions<I, O>
  #isFused = false
  #ends: Ends<I, O> | undefined

  constructor(transformer: SyncTransformer<I, O>, options: StageOptions<I, O> = NO_OPTIONS) {
    super()
    // Chunk types are checked here; inside the engine they are unknown.
    this.#transformers = [transformer]
    this.#options = options
  }

  /**
   * Makes one stage of several, which are used up; `undefined` when one of them is a boundary.
   *
   * @internal
   */
  static fused(stages: readonly unknown[]): Stage<unknown, unknown> | undefined {
    const parts: Stage<unknown, unknown>[] = []
    const transformers: AnyTransformer[] = []
    for (const part of stages) {
      if (!(part instanceof Stage) || part.#isFused || part.#ends !== undefined) break
      const { writableStrategy, readableStrategy } = part.#options
      if (writableStrategy !== undefined && parts.length > 0) break
      // At once: one that comes twice is in use the second time, and an ordinary pipe refuses it.
      part.#isFused = true
      parts.push(part)
      for (const transformer of part.#transformers) transformers.push(transformer)
      if (readableStrategy !== undefined) break
    }
    const [first] = parts
    const last = parts.at(-1)
    if (first === undefined || last === undefined || parts.length < stages.length) {
      for (const part of parts) part.#isFused = false
      return undefined
    }
    for (const part of parts) part.#transformers = []
    const options = { ...first.#options, ...last.#options }
    const whole = new Stage<unknown, unknown>({}, options)
    whole.#transformers = transformers
    return whole
  }

  get readable(): ReadableStream<O> {
    return this.#open().readable
  }

  get writable(): WritableStream<I> {
    return this.#open().writable
  }

  /** @internal */
  override join(engine: Engine): ReadableStream<O> | undefined {
    const isFree = !this.#isFused && this.#ends === undefined
    if (!isFree || this.#options.writableStrategy !== undefined) return undefined
    this.#isFused = true
    this.#moveTo(engine)
    return new EngineReadable<O>(engine, this.#options.readableStrategy)
  }

  /** The engine lets them go when it is over, which whoever keeps this stage must not prevent. */
  #moveTo(engine: Engine): void {
    for (const transformer of this.#transformers) engine.add(transformer)
    this.#transformers = []
  }

  #open(): Ends<I, O> {
    if (this.#isFused) this.#ends ??= lockedEnds()
    if (this.#ends === undefined) {
      const engine = new Engine()
      this.#moveTo(engine)
      const input = new WritableInput(engine)
      engine.connectInput(input)
      this.#ends = {
        readable: new EngineReadable<O>(engine, this.#options.readableStrategy),
        writable: new WritableStream<I>(input, this.#options.writableStrategy),
      }
    }
    return this.#ends
  }
}

/** What the ends of a stage are once it runs inside another chain: in use, as after any pipe. */
function lockedEnds<I, O>(): Ends<I, O> {
  const ends = { readable: new ReadableStream<O>(), writable: new WritableStream<I>() }
  ends.readable.getReader()
  ends.writable.getWriter()
  return ends
}

/**
 * Makes a {@link Stage} of a synchronous transformer.
 *
 * @example Every chunk twice
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, stage, toArray } from "@bellmouth/core"
 *
 * const twice = stage<number, number>({
 *   transform(chunk, controller) {
 *     controller.enqueue(chunk)
 *     controller.enqueue(chunk)
 *   },
 * })
 * assert.deepEqual(await toArray(from([1, 2]).pipeThrough(twice)), [1, 1, 2, 2])
 * ```
 */
export function stage<I, O>(
  transformer: SyncTransformer<I, O>,
  options: StageOptions<I, O> = NO_OPTIONS,
): Stage<I, O> {
  return new Stage(transformer, options)
}
