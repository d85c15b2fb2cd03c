/** Checks a value from the other side and gives it its type; throws when it is none. */
export type Parse<T> = (value: unknown) => T

/** What a method is handed beside its parameters. */
export interface MethodContext {
  /** Aborted when the other side gives up, or is lost. */
  readonly signal: AbortSignal
}

/** Gives one result. */
export interface AsyncMethod<P, R> {
  readonly kind: "async"
  readonly params: Parse<P>
  run(params: P, context: MethodContext): R | PromiseLike<R>
}

/** Gives a readable. */
export interface SourceMethod<P, O> {
  readonly kind: "source"
  readonly params: Parse<P>
  run(params: P, context: MethodContext): ReadableStream<O> | PromiseLike<ReadableStream<O>>
}

/** Takes a readable, gives one result. */
export interface SinkMethod<P, I, R> {
  readonly kind: "sink"
  readonly params: Parse<P>
  readonly item: Parse<I>
  run(params: P, input: ReadableStream<I>, context: MethodContext): R | PromiseLike<R>
}

/** Takes a readable, gives a readable. It is over when the one that it gives ends. */
export interface DuplexMethod<P, I, O> {
  readonly kind: "duplex"
  readonly params: Parse<P>
  readonly item: Parse<I>
  run(
    params: P,
    input: ReadableStream<I>,
    context: MethodContext,
  ): ReadableStream<O> | PromiseLike<ReadableStream<O>>
}

/** One method of a service, of muxrpc's four kinds. */
export type Method =
  | AsyncMethod<unknown, unknown>
  | SourceMethod<unknown, unknown>
  | SinkMethod<unknown, unknown, unknown>
  | DuplexMethod<unknown, unknown, unknown>

/** The methods of a service, by name. */
export type Methods = Readonly<Record<string, Method>>

/** How a method without parameters reads them: it takes none. */
const none = (value: unknown): void => {
  if (value !== undefined) throw new TypeError("Cannot read the parameters: there are none")
}

/**
 * A method that gives one result.
 *
 * @example A sum
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { asyncMethod, createClient, serveMethods } from "@bellmouth/mux/service"
 *
 * const numbers = (value: unknown): number[] => {
 *   if (!Array.isArray(value)) throw new TypeError("Want numbers")
 *   return value.map(Number)
 * }
 * const methods = {
 *   sum: asyncMethod((list: number[]) => list.reduce((a, b) => a + b, 0), { params: numbers }),
 * }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 * const client = createClient<typeof methods>(connect(here))
 * assert.equal(await client.call("sum", [1, 2, 3]), 6)
 * ```
 */
export function asyncMethod<R, P = void>(
  run: AsyncMethod<P, R>["run"],
  ...[shape]: ShapeArguments<P>
): AsyncMethod<P, R> {
  return { kind: "async", params: paramsOf<P>(shape), run }
}

/**
 * A method that gives a readable, whose consumer decides how fast it goes.
 *
 * @example A countdown
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair, from, toArray } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { createClient, serveMethods, sourceMethod } from "@bellmouth/mux/service"
 *
 * const methods = { countdown: sourceMethod(() => from([3, 2, 1])) }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 * const client = createClient<typeof methods>(connect(here))
 * assert.deepEqual(await toArray(client.source("countdown")), [3, 2, 1])
 * ```
 */
export function sourceMethod<O, P = void>(
  run: SourceMethod<P, O>["run"],
  ...[shape]: ShapeArguments<P>
): SourceMethod<P, O> {
  return { kind: "source", params: paramsOf<P>(shape), run }
}

/**
 * A method that takes a readable and gives one result.
 *
 * @example How many there were
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair, from, toArray } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { createClient, serveMethods, sinkMethod } from "@bellmouth/mux/service"
 *
 * const count = async (_: void, words: ReadableStream<string>) => (await toArray(words)).length
 * const methods = { count: sinkMethod(count, { item: String }) }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 * const { writable, result } = createClient<typeof methods>(connect(here)).sink("count")
 * await from(["a", "b"]).pipeTo(writable)
 * assert.equal(await result, 2)
 * ```
 */
export function sinkMethod<I, R, P = void>(
  run: SinkMethod<P, I, R>["run"],
  shape: ItemShape<P, I>,
): SinkMethod<P, I, R> {
  return { kind: "sink", params: paramsOf<P>(shape), item: shape.item, run }
}

/**
 * A method that takes a readable and gives one. When that ends, the method is done: what it has not
 * read by then is cancelled.
 *
 * @example An echo that shouts
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair, from, map, toArray } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { createClient, duplexMethod, serveMethods } from "@bellmouth/mux/service"
 *
 * const shout = (_: void, words: ReadableStream<string>) =>
 *   words.pipeThrough(map((word: string) => word.toUpperCase()))
 * const methods = { shout: duplexMethod(shout, { item: String }) }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 * const client = createClient<typeof methods>(connect(here))
 * assert.deepEqual(await toArray(from(["hi"]).pipeThrough(client.duplex("shout"))), ["HI"])
 * ```
 */
export function duplexMethod<I, O, P = void>(
  run: DuplexMethod<P, I, O>["run"],
  shape: ItemShape<P, I>,
): DuplexMethod<P, I, O> {
  return { kind: "duplex", params: paramsOf<P>(shape), item: shape.item, run }
}

/** How the parameters of a method are checked; needed where it has any. */
export interface ParamsShape<P> {
  readonly params: Parse<P>
}

/** How the items that a method takes are checked, and its parameters where it has any. */
export type ItemShape<P, I> = { readonly item: Parse<I> } & (P extends void
  ? Partial<ParamsShape<P>>
  : ParamsShape<P>)

type ShapeArguments<P> = P extends void ? [shape?: ParamsShape<P>] : [shape: ParamsShape<P>]

function paramsOf<P>(shape: Partial<ParamsShape<P>> | undefined): Parse<P> {
  return shape?.params ?? (none as Parse<P>) // without a shape P is void
}
