import { type Stage, stage } from "@bellmouth/core"

/** A foreign readable of 0, 1, 2, …, and a record of what was done to it. */
export interface Counter {
  readonly readable: ReadableStream<number>
  readonly pulls: () => number
  readonly cancels: unknown[]
}

export function counter(count: number = Number.POSITIVE_INFINITY): Counter {
  let pulls = 0
  const cancels: unknown[] = []
  const readable = new ReadableStream<number>(
    {
      pull(controller) {
        if (pulls < count) controller.enqueue(pulls++)
        else controller.close()
      },
      cancel(reason) {
        cancels.push(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return { readable, pulls: () => pulls, cancels }
}

/** A stage that adds one and writes down what happens to it. */
export function noted(name: string, notes: unknown[]): Stage<number, number> {
  return stage({
    transform(chunk, controller) {
      controller.enqueue(chunk + 1)
    },
    flush() {
      notes.push(`${name} flush`)
    },
    cancel(reason) {
      notes.push([`${name} cancel`, reason])
    },
  })
}

export function addOne(): Stage<number, number> {
  return stage({
    transform(chunk, controller) {
      controller.enqueue(chunk + 1)
    },
  })
}

/** Reads to the end by a plain reader: the chunks, and what it failed with if it did. */
export async function readAll<T>(
  readable: ReadableStream<T>,
): Promise<{ chunks: T[]; error?: unknown }> {
  const reader = readable.getReader()
  const chunks: T[] = []
  try {
    for (;;) {
      const result = await reader.read()
      if (result.done) return { chunks }
      chunks.push(result.value)
    }
  } catch (error) {
    return { chunks, error }
  }
}
