import { asyncStage, from, type Stage, stage } from "@bellmouth/core"

export type Pair = ReadableWritablePair<number, number>

/** The chunks: numbers, so that what is measured is the stream and not the allocator. */
export function* numbers(count: number): Generator<number> {
  for (let value = 0; value < count; value++) yield value
}

/** A readable of the platform's, which knows nothing of ours. */
export function foreign(count: number): ReadableStream<number> {
  const source = numbers(count)
  return new ReadableStream<number>({
    pull(controller) {
      const step = source.next()
      if (step.done) controller.close()
      else controller.enqueue(step.value)
    },
  })
}

export function own(count: number): ReadableStream<number> {
  return from(numbers(count))
}

export function ourStage(): Stage<number, number> {
  return stage({
    transform(chunk, controller) {
      controller.enqueue(chunk + 1)
    },
  })
}

export function ourAsyncStage(): Pair {
  return asyncStage<number, number>({
    transform(chunk, controller) {
      controller.enqueue(chunk + 1)
    },
  })
}

export function nativeStage(): Pair {
  return new TransformStream<number, number>({
    transform(chunk, controller) {
      controller.enqueue(chunk + 1)
    },
  })
}

export function several(make: () => Pair, count: number): Pair[] {
  return Array.from({ length: count }, make)
}

export function through(
  readable: ReadableStream<number>,
  pairs: readonly Pair[],
): ReadableStream<number> {
  return pairs.reduce((end, pair) => end.pipeThrough(pair), readable)
}

/** Reads by a plain reader and counts. */
export async function readAll(readable: ReadableStream<number>): Promise<number> {
  const reader = readable.getReader()
  let count = 0
  while (!(await reader.read()).done) count++
  return count
}

/** Reads by `for await` and counts. */
export async function iterateAll(chunks: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of chunks) count++
  return count
}
