import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { IteratorInput } from "../engine/iterator-input.ts"

/**
 * Makes a readable of an iterable or async iterable; each value is one chunk.
 *
 * The standard's `ReadableStream.from`, for every runtime, and the fastest source there is: a
 * synchronous iterable feeds fused stages by plain calls. Nothing is read ahead. Promises in a
 * synchronous iterable are awaited. `cancel` calls the iterator's `return`. A string is refused: it
 * would give characters where text was meant; wrap it in an array.
 *
 * @throws {TypeError} when `iterable` can not be iterated.
 *
 * @see https://streams.spec.whatwg.org/#rs-from
 *
 * @example Chunks of an array
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 *
 * assert.deepEqual(await toArray(from(["a", "b"])), ["a", "b"])
 * ```
 */
export function from<T>(
  iterable: Iterable<T | PromiseLike<T>> | AsyncIterable<T>,
): ReadableStream<T> {
  const engine = new Engine()
  engine.connectInput(new IteratorInput(engine, iterate(iterable)))
  return new EngineReadable<T>(engine)
}

function iterate(iterable: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  if (typeof iterable === "string") {
    throw new TypeError("Cannot read from a string: wrap it in an array to get it as one chunk")
  }
  if (isObject(iterable)) {
    if (isAsyncIterable(iterable)) return iterable[Symbol.asyncIterator]()
    if (isIterable(iterable)) return iterable[Symbol.iterator]()
  }
  throw new TypeError(`Cannot read from ${String(iterable)}: it is not iterable`)
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function"
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === "function"
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === "function"
}
