import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { Fusible } from "../engine/fusible.ts"
import { ReaderInput } from "../engine/reader-input.ts"
import { Stage } from "./stage.ts"

type Pair<I, O> = ReadableWritablePair<O, I>

/**
 * Pipes `readable` through transforms, in order, and gives the readable at their end. It takes
 * ownership of all of them.
 *
 * The same as chained `pipeThrough` calls, and cheaper: neighbouring stages are built as one, and a
 * foreign readable is read directly, without a native pipe.
 *
 * @throws {TypeError} when `readable` is locked.
 *
 * @example A pipe from any readable
 * ```ts
 * import assert from "node:assert/strict"
 * import { map, pipe, toArray } from "@bellmouth/core"
 *
 * const lengths = pipe(
 *   new Blob(["abc"]).stream(),
 *   map((bytes: Uint8Array) => bytes.length),
 * )
 * assert.deepEqual(await toArray(lengths), [3])
 * ```
 */
export function pipe<A>(readable: ReadableStream<A>): ReadableStream<A>
export function pipe<A, B>(readable: ReadableStream<A>, a: Pair<A, B>): ReadableStream<B>
export function pipe<A, B, C>(
  readable: ReadableStream<A>,
  a: Pair<A, B>,
  b: Pair<B, C>,
): ReadableStream<C>
export function pipe<A, B, C, D>(
  readable: ReadableStream<A>,
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
): ReadableStream<D>
export function pipe<A, B, C, D, E>(
  readable: ReadableStream<A>,
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
  d: Pair<D, E>,
): ReadableStream<E>
export function pipe<A, B, C, D, E, F>(
  readable: ReadableStream<A>,
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
  d: Pair<D, E>,
  e: Pair<E, F>,
): ReadableStream<F>
export function pipe<T>(
  readable: ReadableStream<T>,
  ...transforms: readonly Pair<T, T>[]
): ReadableStream<T>
export function pipe(
  readable: ReadableStream<unknown>,
  ...transforms: readonly Pair<unknown, unknown>[]
): ReadableStream<unknown> {
  let end = readable
  for (const transform of fuseNeighbours(transforms)) end = throughOne(end, transform)
  return end
}

function throughOne(
  readable: ReadableStream<unknown>,
  transform: Pair<unknown, unknown>,
): ReadableStream<unknown> {
  if (transform instanceof Fusible && !(readable instanceof EngineReadable) && !readable.locked) {
    const engine = new Engine()
    const end: ReadableStream<unknown> | undefined = transform.join(engine)
    if (end !== undefined) {
      engine.connectInput(new ReaderInput(engine, readable))
      return end
    }
  }
  return readable.pipeThrough(transform)
}

/** Makes one stage of each run of stages. */
function fuseNeighbours(
  transforms: readonly Pair<unknown, unknown>[],
): readonly Pair<unknown, unknown>[] {
  const whole = transforms.length > 1 ? Stage.fused(transforms) : undefined
  if (whole !== undefined) return [whole]
  const parts: Pair<unknown, unknown>[] = []
  for (const transform of transforms) {
    const previous = parts.at(-1)
    const fused = previous && Stage.fused([previous, transform])
    if (fused === undefined) parts.push(transform)
    else parts[parts.length - 1] = fused
  }
  return parts
}
