import type { SourceController } from "../engine/source-input.ts"
import { cancelAll, lockAll } from "./fan-in.ts"
import { fromPull } from "./from-pull.ts"

/**
 * Makes one readable of several: chunks come as they come, each readable's own in order. It takes
 * ownership of them.
 *
 * Nothing is read before the consumer asks. From then on each readable has at most one chunk read
 * ahead. Cancelling reaches all, idle ones too, with the same reason. If one fails, what the others
 * gave before is delivered, then its error, and the others are cancelled with it. It closes when all
 * have.
 *
 * @throws {TypeError} when one of them is locked.
 *
 * @example Two sources
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, merge, toArray } from "@bellmouth/core"
 *
 * const merged = await toArray(merge(from([1, 3]), from([2, 4])))
 * assert.deepEqual(merged.toSorted(), [1, 2, 3, 4])
 * ```
 */
export function merge<T>(...readables: readonly ReadableStream<T>[]): ReadableStream<T> {
  const fanIn = new FanIn<T>(lockAll(readables))
  return fromPull(fanIn)
}

class FanIn<T> {
  readonly #live: Set<ReadableStreamDefaultReader<T>>
  readonly #reading = new Set<ReadableStreamDefaultReader<T>>()
  /** Chunks that came while nobody asked, oldest first; at most one of each reader. */
  #held: { readonly reader: ReadableStreamDefaultReader<T>; readonly chunk: T }[] = []
  #controller: SourceController<T> | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(readers: readonly ReadableStreamDefaultReader<T>[]) {
    this.#live = new Set(readers)
  }

  start(controller: SourceController<T>): void {
    this.#controller = controller
    if (this.#live.size === 0) controller.close()
    for (const reader of this.#live) {
      // Close and error show even when nobody reads; a read in flight tells of them itself.
      reader.closed.then(
        () => !this.#reading.has(reader) && this.#end(reader),
        (reason: unknown) => !this.#reading.has(reader) && this.#fail(reader, reason),
      )
    }
  }

  pull(controller: SourceController<T>): void {
    const next = this.#held.shift()
    if (next !== undefined) controller.enqueue(next.chunk)
    this.#tellEnd()
    const waiting = new Set(this.#held.map(({ reader }) => reader))
    for (const reader of this.#live) {
      if (!this.#reading.has(reader) && !waiting.has(reader)) this.#read(reader)
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#held = []
    const readers = [...this.#live]
    this.#live.clear()
    return cancelAll(readers, reason)
  }

  #read(reader: ReadableStreamDefaultReader<T>): void {
    this.#reading.add(reader)
    reader.read().then(
      (result) => {
        this.#reading.delete(reader)
        if (!this.#live.has(reader)) return
        if (result.done) return this.#end(reader)
        const controller = this.#controller
        if (controller !== undefined && controller.desiredSize > 0) {
          // The consumer waits, so this asks for its next chunk, if it wants one, by `pull`.
          controller.enqueue(result.value)
        } else {
          this.#held.push({ reader, chunk: result.value })
        }
      },
      (reason: unknown) => {
        this.#reading.delete(reader)
        this.#fail(reader, reason)
      },
    )
  }

  #end(reader: ReadableStreamDefaultReader<T>): void {
    this.#live.delete(reader)
    this.#tellEnd()
  }

  #fail(reader: ReadableStreamDefaultReader<T>, reason: unknown): void {
    if (!this.#live.delete(reader)) return
    this.#failure = { reason }
    const others = [...this.#live]
    this.#live.clear()
    // What cancelling throws comes second: the consumer gets `reason`.
    cancelAll(others, reason).catch(() => {})
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (this.#live.size > 0 || this.#held.length > 0) return
    if (this.#failure === undefined) this.#controller?.close()
    else this.#controller?.error(this.#failure.reason)
  }
}
