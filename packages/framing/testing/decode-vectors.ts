import { expect, test } from "vitest"
import { FramingError } from "../src/framing-error.ts"
import type { IncrementalDecoder } from "../src/transformers/incremental-decoder.ts"
import { cuts, inputBytes, runDecoder } from "./cuts.ts"
import { readVectors } from "./vectors.ts"

interface Vector<O> {
  id: string
  input?: string
  inputHex?: string
  options?: O
  values: unknown[]
  error?: Record<string, unknown>
  reports?: Record<string, unknown>[]
}

/**
 * Runs a vector file: each vector whole, cut at every byte, one byte at a time and with empty chunks
 * between. Where a vector has reports, the decoder's `onError` collects them.
 */
export function testDecodeVectors<O extends object, T>(
  file: string,
  create: (options: O) => IncrementalDecoder<T>,
  show?: (value: T) => unknown,
): void {
  for (const vector of readVectors<Vector<O>>(file))
    test(`${file} ${vector.id} is the same for every cut`, () => {
      for (const [cut, chunks] of cuts(inputBytes(vector))) {
        const reports: unknown[] = []
        const onError = (error: FramingError): void => {
          reports.push({ ...error })
        }
        const options = { ...vector.options, ...(vector.reports && { onError }) } as O
        const { values, error } = runDecoder(create(options), chunks, show)
        expect(values, cut).toStrictEqual(vector.values)
        if (vector.error === undefined) expect(error, cut).toBeUndefined()
        else {
          expect(error, cut).toBeInstanceOf(FramingError)
          expect({ ...(error as object) }, cut).toMatchObject(vector.error)
        }
        expect(reports, cut).toMatchObject(vector.reports ?? [])
        if (vector.reports === undefined) continue
        const silent = runDecoder(create(vector.options as O), chunks, show)
        expect(silent, cut).toStrictEqual({ values, error: undefined })
      }
    })
}
