import type { SyncTransformer } from "@bellmouth/core"

type Make = () => SyncTransformer<unknown, unknown>

const number = (chunk: unknown): number => {
  if (typeof chunk === "number") return chunk
  throw new TypeError(`A vector feeds ${typeof chunk} to a transform of numbers`)
}

/** The transforms that RFC 0001 names for its vectors. */
export const vectorStages: Readonly<Record<string, Make>> = {
  pass: () => ({ transform: (chunk, output) => output.enqueue(chunk) }),
  double: () => ({ transform: (chunk, output) => output.enqueue(number(chunk) * 2) }),
  odd: () => ({
    transform: (chunk, output) => {
      if (number(chunk) % 2 !== 0) output.enqueue(chunk)
    },
  }),
  triple: () => ({
    transform: (chunk, output) => {
      for (let copy = 0; copy < 3; copy++) output.enqueue(chunk)
    },
  }),
  pairs: () => {
    let held: unknown[] = []
    return {
      transform: (chunk, output) => {
        held.push(chunk)
        if (held.length < 2) return
        output.enqueue(held)
        held = []
      },
      flush: (output) => {
        if (held.length > 0) output.enqueue(held)
      },
    }
  },
  sum: () => {
    let sum = 0
    return {
      transform: (chunk) => {
        sum += number(chunk)
      },
      flush: (output) => output.enqueue(sum),
    }
  },
  first2: () => {
    let seen = 0
    return {
      transform: (chunk, output) => {
        output.enqueue(chunk)
        if (++seen === 2) output.terminate()
      },
    }
  },
  strict: () => ({
    transform: (chunk, output) => {
      output.enqueue(chunk)
      output.enqueue(chunk)
      // any value may be thrown, and a vector compares it as JSON
      if (number(chunk) < 0) output.error("negative")
    },
  }),
}
