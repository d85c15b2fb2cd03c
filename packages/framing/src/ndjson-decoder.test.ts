import { expect, test } from "vitest"
import { cuts, inputBytes, runDecoder } from "../testing/cuts.ts"
import { readVectors } from "../testing/vectors.ts"
import { FramingError } from "./framing-error.ts"
import { NdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson-decoder.ts"

interface Vector {
  id: string
  input?: string
  inputHex?: string
  options?: NdjsonDecoderOptions
  values: unknown[]
  error?: Record<string, unknown>
  reports?: Record<string, unknown>[]
}

for (const vector of readVectors<Vector>("ndjson-decode"))
  test(`NdjsonDecoder gives the same for every cut of vector ${vector.id}`, () => {
    for (const [cut, chunks] of cuts(inputBytes(vector))) {
      const reports: FramingError[] = []
      const onError = vector.reports ? (error: FramingError) => reports.push(error) : undefined
      const decoder = new NdjsonDecoder({ ...vector.options, ...(onError && { onError }) })
      const { values, error } = runDecoder(decoder, chunks)
      expect(values, cut).toStrictEqual(vector.values)
      if (vector.error) expect({ ...(error as object) }, cut).toMatchObject(vector.error)
      else expect(error, cut).toBeUndefined()
      if (error !== undefined) expect(error).toBeInstanceOf(FramingError)
      expect(
        reports.map((report) => ({ ...report })),
        cut,
      ).toMatchObject(vector.reports ?? [])
      if (vector.options?.onError === "skip") {
        const silent = new NdjsonDecoder(vector.options)
        expect(runDecoder(silent, chunks), cut).toStrictEqual({ values, error: undefined })
      }
    }
  })
