import { Stage } from "./stage.ts"

type Pair<I, O> = ReadableWritablePair<O, I>

/**
 * Makes one transform of several, in order. It takes ownership of them.
 *
 * Synchronous stages become one stage that still fuses with what it is piped into; other
 * transforms are joined by the standard's `pipeThrough`.
 *
 * @example Two stages as one
 * ```ts
 * import assert from "node:assert/strict"
 * import { compose, filter, from, map, toArray } from "@bellmouth/core"
 *
 * const evenSquares = compose(
 *   filter((n: number) => n % 2 === 0),
 *   map((n) => n * n),
 * )
 * assert.deepEqual(await toArray(from([1, 2, 3, 4]).pipeThrough(evenSquares)), [4, 16])
 * ```
 */
export function compose<A, B>(a: Pair<A, B>): Pair<A, B>
export function compose<A, B, C>(a: Pair<A, B>, b: Pair<B, C>): Pair<A, C>
export function compose<A, B, C, D>(a: Pair<A, B>, b: Pair<B, C>, c: Pair<C, D>): Pair<A, D>
export function compose<A, B, C, D, E>(
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
  d: Pair<D, E>,
): Pair<A, E>
export function compose<A, B, C, D, E, F>(
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
  d: Pair<D, E>,
  e: Pair<E, F>,
): Pair<A, F>
export function compose<A, B, C, D, E, F, G>(
  a: Pair<A, B>,
  b: Pair<B, C>,
  c: Pair<C, D>,
  d: Pair<D, E>,
  e: Pair<E, F>,
  f: Pair<F, G>,
): Pair<A, G>
export function compose<T>(...stages: readonly [Pair<T, T>, ...Pair<T, T>[]]): Pair<T, T>
export function compose(
  ...transforms: readonly [Pair<unknown, unknown>, ...Pair<unknown, unknown>[]]
): Pair<unknown, unknown> {
  const fused = Stage.fused(transforms)
  if (fused !== undefined) return fused
  const [first, ...rest] = transforms
  let { readable } = first
  for (const transform of rest) readable = readable.pipeThrough(transform)
  return { readable, writable: first.writable }
}
