import type { IncrementalDecoder } from "../src/transformers/incremental-decoder.ts"

/** Input that a decoder must hold, as endless as it is asked for, in chunks of 64 bytes. */
export interface GrowthCase {
  readonly name: string
  create(): IncrementalDecoder<unknown>
  readonly head: string
  /** Repeated in between; at most 64 bytes. */
  readonly body: string
  readonly tail: string
  /** How many values come out in the end. */
  readonly values: number
}

/** The most that the time may grow by when the input doubles: 2 is linear, 4 is quadratic. */
const LINEAR = 2.6

/** What takes less shows when garbage is collected, not what a decoder does: it is tried with more. */
const LEAST_MS = 20

export interface GrowthOptions {
  /** How often each length is timed; the best time counts. Default 5. */
  readonly runs?: number
  /** How often it may fail to show it: a busy machine is no fault of the decoder. Default 10. */
  readonly tries?: number
}

/**
 * Whether the time that a decoder takes is in proportion to its input. Both lengths are timed in
 * turn, so that a busy machine slows both.
 */
export function isLinear(
  growth: GrowthCase,
  chunks: number,
  { runs = 5, tries = 10 }: GrowthOptions = {},
): boolean {
  let size = chunks
  for (let attempt = 0; attempt < tries; attempt++) {
    let single = Number.POSITIVE_INFINITY
    let double = Number.POSITIVE_INFINITY
    for (let run = 0; run < runs; run++) {
      single = Math.min(single, decodeTime(growth, size))
      double = Math.min(double, decodeTime(growth, 2 * size))
    }
    if (double / single < LINEAR) return true
    if (single < LEAST_MS) size *= 2
  }
  return false
}

/** The time a decoder takes for this many chunks, in milliseconds. */
function decodeTime(growth: GrowthCase, chunks: number): number {
  const utf8 = new TextEncoder()
  const body = utf8.encode(growth.body.repeat(Math.floor(64 / growth.body.length)))
  let values = 0
  const emit = (): void => {
    values++
  }
  const start = performance.now()
  const decoder = growth.create()
  decoder.push(utf8.encode(growth.head), emit)
  for (let chunk = 0; chunk < chunks; chunk++) decoder.push(body, emit)
  decoder.push(utf8.encode(growth.tail), emit)
  decoder.finish(emit)
  const time = performance.now() - start
  if (values === growth.values) return time
  throw new Error(`Cannot time ${growth.name}: it gave ${values} values`)
}
