import { FramingError, type IncrementalDecoder } from "@bellmouth/framing"
import { runDecoder } from "../../packages/framing/testing/cuts.ts"

/** What a decoder made of some chunks. */
export interface Outcome {
  readonly values: readonly unknown[]
  /** The fields of the error that ended it. */
  readonly error: Readonly<Record<string, unknown>> | undefined
}

/** Runs a decoder over some chunks, each of which is overwritten once it was pushed. */
export function outcomeOf<T>(
  decoder: IncrementalDecoder<T>,
  chunks: readonly Uint8Array[],
  show: (value: T) => unknown,
): Outcome {
  const { values, error } = runDecoder(decoder, chunks, show)
  return { values, error: error === undefined ? undefined : fieldsOf(error) }
}

/** The fields of a {@link FramingError} that do not depend on the runtime; throws what is none. */
export function fieldsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof FramingError)) throw error
  const { code, record, line, byteOffset, excerpt } = error
  return { code, record, line, byteOffset, excerpt }
}

/** The vectors of a file. A field `xJson`, which is JSON text, is given as `x`. */
export function vectorsOf<V extends object>(file: { readonly vectors: readonly object[] }): V[] {
  return file.vectors.map((vector) => {
    const fields = Object.entries(vector).map(([key, value]): [string, unknown] =>
      key.endsWith("Json") ? [key.slice(0, -4), JSON.parse(value)] : [key, value],
    )
    return Object.fromEntries(fields) as V
  })
}

/** A generator of numbers that gives the same in every runtime. */
export function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}
