import { expect, test } from "vitest"
import { isLinear } from "../../testing/growth.ts"
import { arrayDecoderTransformer } from "./decoder-transformer.ts"
import type { Emit, IncrementalDecoder } from "./incremental-decoder.ts"

/** Emits arrays of so many values each, as a decoder of a long chunk does, and then one value. */
function arrays(lengths: readonly number[]): IncrementalDecoder<number> {
  let next = 0
  return {
    push(_chunk, emit: Emit<number>) {
      for (const length of lengths) emit.all?.(Array.from({ length }, () => next++))
      emit(next)
    },
    finish() {},
  }
}

/** The arrays that one chunk gives. */
function given(lengths: readonly number[]): number[][] {
  const seen: number[][] = []
  const transformer = arrayDecoderTransformer(arrays(lengths))
  transformer.transform?.(new Uint8Array(1), {
    enqueue: (values) => seen.push(values),
    error() {},
    terminate() {},
  })
  return seen
}

test("an array view gives what one chunk has as one array, in order", () => {
  for (const lengths of [[], [3], [1, 5], [5, 1], [2, 2, 2], [0, 3, 0, 1]]) {
    const count = lengths.reduce((sum, length) => sum + length, 1)
    expect(given(lengths)).toStrictEqual([Array.from({ length: count }, (_, index) => index)])
  }
})

test("the time for the arrays of one chunk grows with their number", () => {
  const create = (): IncrementalDecoder<unknown> => {
    const lengths: number[] = []
    return {
      push: () => void lengths.push(500),
      finish: (emit) => {
        for (const values of given(lengths)) emit(values)
      },
    }
  }
  const growth = { name: "arrays", create, head: "", body: "x", tail: "", values: 1 }
  expect(isLinear(growth, 600)).toBe(true)
}, 60_000)
